// SPDX-License-Identifier: GPL-3.0-or-later
// Swift cannot read control messages: their macros are not imported.
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <time.h>

/// What recv(2) does, and when the kernel had the last of the bytes, by CLOCK_REALTIME; the socket has SO_TIMESTAMPNS.
static inline ssize_t receive_timed(int descriptor, void *bytes, size_t length, struct timespec *when) {
    char control[CMSG_SPACE(sizeof(struct timespec))];
    struct iovec part = {bytes, length};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
    ssize_t received = recvmsg(descriptor, &message, MSG_DONTWAIT);
    when->tv_sec = 0;
    if (received <= 0) return received;
    for (struct cmsghdr *c = CMSG_FIRSTHDR(&message); c; c = CMSG_NXTHDR(&message, c))
        if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_TIMESTAMPNS) memcpy(when, CMSG_DATA(c), sizeof *when);
    return received;
}
