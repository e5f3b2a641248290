// SPDX-License-Identifier: GPL-3.0-or-later
#include "CAMR.h"

#include <dlfcn.h>
#include <pthread.h>

// The library's own header says of these what is said here (opencore-amrnb/interf_enc.h, interf_dec.h).
static void *(*encoder_init)(int dtx);
static void (*encoder_exit)(void *);
static int (*encoder_encode)(void *, int mode, const short *, unsigned char *, int force);
static void *(*decoder_init)(void);
static void (*decoder_exit)(void *);
static void (*decoder_decode)(void *, const unsigned char *, short *, int bad);

static pthread_once_t once = PTHREAD_ONCE_INIT;
static int is_there;

static void look(void) {
#ifdef __APPLE__
    void *library = dlopen("libopencore-amrnb.0.dylib", RTLD_NOW | RTLD_LOCAL);
#else
    void *library = dlopen("libopencore-amrnb.so.0", RTLD_NOW | RTLD_LOCAL);
#endif
    if (!library) return;
    *(void **)&encoder_init = dlsym(library, "Encoder_Interface_init");
    *(void **)&encoder_exit = dlsym(library, "Encoder_Interface_exit");
    *(void **)&encoder_encode = dlsym(library, "Encoder_Interface_Encode");
    *(void **)&decoder_init = dlsym(library, "Decoder_Interface_init");
    *(void **)&decoder_exit = dlsym(library, "Decoder_Interface_exit");
    *(void **)&decoder_decode = dlsym(library, "Decoder_Interface_Decode");
    is_there = encoder_init && encoder_exit && encoder_encode && decoder_init && decoder_exit && decoder_decode;
}

int speakcode_amr_is_there(void) {
    pthread_once(&once, look);
    return is_there;
}

int speakcode_amr_heard(const short *samples, size_t frames, int mode, short *heard) {
    if (!speakcode_amr_is_there()) return -1;
    if (mode < 0 || mode > 7) return 1;
    void *encoder = encoder_init(0), *decoder = decoder_init();
    int result = encoder && decoder ? 0 : 1;
    for (size_t frame = 0; frame < frames && !result; frame++) {
        // The longest frame, of 12.2 kbit/s, has 32 bytes.
        unsigned char packet[64];
        if (encoder_encode(encoder, mode, samples + 160 * frame, packet, 0) <= 0) {
            result = 1;
        } else {
            decoder_decode(decoder, packet, heard + 160 * frame, 0);
        }
    }
    if (encoder) encoder_exit(encoder);
    if (decoder) decoder_exit(decoder);
    return result;
}
