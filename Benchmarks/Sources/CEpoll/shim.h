// SPDX-License-Identifier: GPL-3.0-or-later
// Glibc's module leaves it out.
#include <sys/epoll.h>
