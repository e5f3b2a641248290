// SPDX-License-Identifier: GPL-3.0-or-later

#ifndef SPEAKCODE_TEST_SUPPORT_H
#define SPEAKCODE_TEST_SUPPORT_H

#include <sys/types.h>

/// Starts a program in a process group of its own, with no descriptor of this process, no signal blocked and none
/// ignored. Returns 0, or errno.
///
/// `arguments` begins with the program's path; it and `variables` end with NULL. `streams` are the files that it reads
/// and that it writes its output and its errors to. `folder` is where it runs, NULL for here.
int speakcode_test_start(
    pid_t *process, char *const *arguments, char *const *variables, const char *const *streams, const char *folder);

#endif
