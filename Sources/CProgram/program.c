// SPDX-License-Identifier: GPL-3.0-or-later

#include "CProgram.h"

#include <pthread.h>
#include <stdlib.h>
#ifdef __GLIBC__
#include <malloc.h>

/// Of Swift's standard library, for those who have the arguments before it asks the system for them.
extern void _swift_stdlib_overrideUnsafeArgvArgc(char **arguments, int count);

static char **given;
static int given_count;

/// glibc calls constructors as it calls main.
__attribute__((constructor)) static void keep_arguments(int count, char **arguments) {
    given_count = count;
    given = arguments;
}

void speakcode_tell_arguments(void) {
    if (given != NULL && given_count > 0) _swift_stdlib_overrideUnsafeArgvArgc(given, given_count);
}
#else
void speakcode_tell_arguments(void) {}
#endif

static void *wait_for_all(void *mutex) {
    pthread_mutex_lock(mutex);
    pthread_mutex_unlock(mutex);
    return NULL;
}

int speakcode_threads_suffice(int wanted) {
    pthread_t *threads = calloc((size_t)wanted, sizeof *threads);
    if (threads == NULL) return 0;
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, 256 << 10);
    // Held until all have begun.
    pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
    pthread_mutex_lock(&mutex);
    int begun = 0;
    while (begun < wanted && pthread_create(&threads[begun], &attributes, wait_for_all, &mutex) == 0) begun++;
    pthread_mutex_unlock(&mutex);
    for (int thread = 0; thread < begun; thread++) pthread_join(threads[thread], NULL);
    pthread_attr_destroy(&attributes);
    free(threads);
    return begun == wanted;
}

void speakcode_keep_memory(void) {
#ifdef __GLIBC__
    mallopt(M_ARENA_MAX, 1);
    mallopt(M_MMAP_THRESHOLD, 32 << 20);
    mallopt(M_TRIM_THRESHOLD, 64 << 20);
    mallopt(M_TOP_PAD, 1 << 20);
#endif
}

// ---- What it was built from -----------------------------------------------------------------------------------------

#define as_text(...) #__VA_ARGS__
#define value_as_text(...) as_text(__VA_ARGS__)

#ifndef SPEAKCODE_COMMIT
#define SPEAKCODE_COMMIT
#endif

const char *speakcode_commit(void) { return value_as_text(SPEAKCODE_COMMIT); }
