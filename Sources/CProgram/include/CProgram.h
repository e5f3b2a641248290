// SPDX-License-Identifier: GPL-3.0-or-later

// What the system told this process when it began, which Swift reads in /proc, and ends where there is none; whether it
// has threads to give, for which Swift waits for ever; what it does with memory; and what it was built from.

#ifndef SPEAKCODE_PROGRAM_H
#define SPEAKCODE_PROGRAM_H

/// Gives Swift's `CommandLine` the arguments that this process was started with; to be called before it is used.
void speakcode_tell_arguments(void);

/// Whether this process may have so many threads more, found by beginning them: no limit tells how many others run.
int speakcode_threads_suffice(int wanted);

/// Has freed memory kept for the next use. By default a block of more than 128 KiB goes back to the kernel, which
/// clears it page by page before it gives it again: in a process of some milliseconds that costs as much as to
/// resample speech.
void speakcode_keep_memory(void);

/// The commit that this program was built from; empty where nobody told the build.
const char *speakcode_commit(void);

#endif
