// SPDX-License-Identifier: GPL-3.0-or-later

#ifndef CALLOCATIONS_H
#define CALLOCATIONS_H

#include <stdint.h>

/// What all threads of this process have asked the allocator for.
struct allocations {
    uint64_t count;
    uint64_t bytes;
    /// The largest single request since `allocations_forget_largest`.
    uint64_t largest;
};

/// All so far; all zero where allocations cannot be counted.
struct allocations allocations_so_far(void);

/// Begins anew to look for the largest.
void allocations_forget_largest(void);

/// Bytes that are allocated and not freed; 0 where that is not known.
uint64_t allocations_in_use(void);

#endif
