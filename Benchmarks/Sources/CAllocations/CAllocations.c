// SPDX-License-Identifier: GPL-3.0-or-later

#include "CAllocations.h"

#include <stdatomic.h>
#include <stddef.h>
#include <stdlib.h>

static _Atomic uint64_t count, bytes, largest;

struct allocations allocations_so_far(void) {
    struct allocations all = {atomic_load(&count), atomic_load(&bytes), atomic_load(&largest)};
    return all;
}

void allocations_forget_largest(void) { atomic_store(&largest, 0); }

#ifdef __GLIBC__
#include <errno.h>
#include <malloc.h>

uint64_t allocations_in_use(void) {
    struct mallinfo2 info = mallinfo2();
    return info.uordblks + info.hblkhd;
}

static void note(size_t size) {
    atomic_fetch_add_explicit(&count, 1, memory_order_relaxed);
    atomic_fetch_add_explicit(&bytes, size, memory_order_relaxed);
    uint64_t before = atomic_load_explicit(&largest, memory_order_relaxed);
    while (size > before && !atomic_compare_exchange_weak(&largest, &before, size)) {
    }
}

// A program's own malloc stands before the C library's, for all libraries that it loads; the C library's has a second name.
extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t number, size_t size);
extern void *__libc_realloc(void *old, size_t size);
extern void *__libc_memalign(size_t alignment, size_t size);

void *malloc(size_t size) {
    note(size);
    return __libc_malloc(size);
}

void *calloc(size_t number, size_t size) {
    note(number * size);
    return __libc_calloc(number, size);
}

// A block that grows counts whole: it may be copied.
void *realloc(void *old, size_t size) {
    note(size);
    return __libc_realloc(old, size);
}

void *memalign(size_t alignment, size_t size) {
    note(size);
    return __libc_memalign(alignment, size);
}

void *aligned_alloc(size_t alignment, size_t size) { return memalign(alignment, size); }

int posix_memalign(void **result, size_t alignment, size_t size) {
    void *block = memalign(alignment, size);
    if (block == NULL) return ENOMEM;
    *result = block;
    return 0;
}

#else

uint64_t allocations_in_use(void) { return 0; }

#endif
