// SPDX-License-Identifier: GPL-3.0-or-later

// Tells the sanitizer of threads what a thread knows from another by a `Mutex` of Swift's for which one of them has waited.
//
// A lock without waiting is compiled into the program, so that the sanitizer sees it. Where somebody waits it is taken and given on in
// libswiftSynchronization, by the kernel, which no sanitizer sees: all that is written under such a lock would be called a race.
// Loaded by scripts/sanitize before that library, whose functions it calls.

#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

#define LOCK "$s15Synchronization12_MutexHandleV9_lockSlowyys6UInt32VF"
#define TRY_LOCK "$s15Synchronization12_MutexHandleV12_tryLockSlowSbyF"
#define UNLOCK "$s15Synchronization12_MutexHandleV11_unlockSlowyyF"
#define SWIFT __attribute__((swiftcall))
// The handle, which is the lock's own word.
#define HANDLE __attribute__((swift_context)) void *handle

// There only in a program that was built with the sanitizer.
extern void __tsan_acquire(void *address) __attribute__((weak));
extern void __tsan_release(void *address) __attribute__((weak));

SWIFT void lock_slow(uint32_t owner, HANDLE) __asm__(LOCK);
SWIFT bool try_lock_slow(HANDLE) __asm__(TRY_LOCK);
SWIFT void unlock_slow(HANDLE) __asm__(UNLOCK);

static void *original(const char *name) {
    void *found = dlsym(RTLD_NEXT, name);
    if (found == NULL) abort();
    return found;
}

SWIFT void lock_slow(uint32_t owner, HANDLE) {
    ((SWIFT void (*)(uint32_t, HANDLE))original(LOCK))(owner, handle);
    if (__tsan_acquire) __tsan_acquire(handle);
}

SWIFT bool try_lock_slow(HANDLE) {
    bool is_locked = ((SWIFT bool (*)(HANDLE))original(TRY_LOCK))(handle);
    if (is_locked && __tsan_acquire) __tsan_acquire(handle);
    return is_locked;
}

SWIFT void unlock_slow(HANDLE) {
    if (__tsan_release) __tsan_release(handle);
    ((SWIFT void (*)(HANDLE))original(UNLOCK))(handle);
}
