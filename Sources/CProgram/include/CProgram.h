// SPDX-License-Identifier: GPL-3.0-or-later

// What the system told this process when it began, which Swift reads in /proc, and ends where there is none; and whether it
// has threads to give, for which Swift waits for ever.

#ifndef SPEAKCODE_PROGRAM_H
#define SPEAKCODE_PROGRAM_H

/// Gives Swift's `CommandLine` the arguments that this process was started with; to be called before it is used.
void speakcode_tell_arguments(void);

/// Whether this process may have so many threads more, found by beginning them: no limit tells how many others run.
int speakcode_threads_suffice(int wanted);

#endif
