// SPDX-License-Identifier: GPL-3.0-or-later
// Prints what spandsp reads of 16-bit samples at 8 kHz, low byte first, on standard input: `v18 45` or `v18 50`.

#include <stdio.h>
#include <stdlib.h>

#include <spandsp.h>

static void put(void *user, const uint8_t *text, int length)
{
    (void) user;
    fwrite(text, 1, length, stdout);
}

int main(int count, char **arguments)
{
    int speed = count > 1 ? atoi(arguments[1]) : 45;
    v18_state_t *receiver = v18_init(NULL, 0, speed == 50 ? V18_MODE_5BIT_50 : V18_MODE_5BIT_45, put, NULL);
    int16_t frame[160];
    size_t length;
    if (!receiver) return 70;
    while ((length = fread(frame, sizeof(frame[0]), 160, stdin)) > 0) v18_rx(receiver, frame, (int) length);
    v18_free(receiver);
    return 0;
}
