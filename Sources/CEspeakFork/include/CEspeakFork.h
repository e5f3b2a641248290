// SPDX-License-Identifier: GPL-3.0-or-later

// What Swift cannot do itself: fork, and run nothing but C in the child; start a program that gets nothing but what it
// is meant to get.

#ifndef SPEAKCODE_ESPEAK_FORK_H
#define SPEAKCODE_ESPEAK_FORK_H

#include <stdint.h>
#include <sys/types.h>

/// What a speaking child writes into its pipe: frames of a kind, a length in bytes, and so many bytes.
enum speakcode_frame {
    speakcode_frame_audio = 1,     // 16-bit samples in the machine's order
    speakcode_frame_phonemes = 2,  // UTF-8 mnemonics of one clause
    speakcode_frame_end = 3,       // all has been said; without this frame the child has failed
    speakcode_frame_exhausted = 4, // there is no child: an int, the errno of fork
};

/// Starts a program as the leader of a process group, with nothing of this process but one end of a pipe as its standard
/// output and the variables that a speech engine needs: where programs, libraries and voices are, and the language.
///
/// It ends with the thread that calls this, so that thread waits for it; it gets no new privileges and leaves no core.
/// Returns 0, or errno; nothing is left behind then. `arguments` ends with NULL, and begins with the program's name.
int speakcode_start(const char *program, char *const *arguments, pid_t *process, int *output);

/// Whether eSpeak NG can be opened: it begins threads, and ends the process where it gets none.
int speakcode_may_open(void);

/// Has a thread of its own do something that waits. Returns 0, or errno, where nothing is done.
int speakcode_begin_thread(void (*body)(void *context), void *context);

/// Takes from this process what an engine has no use for: privileges it does not have yet, and being read by others.
void speakcode_harden(void);

/// A file without a name that ends with the process; -1 where there is none.
int speakcode_nameless_file(void);

/// A pipe that no program started meanwhile inherits. Returns 0, or -1 with errno.
int speakcode_open_pipe(int ends[2]);

/// What eSpeak NG is given for an utterance.
struct speakcode_text {
    const char *text;
    unsigned flags; // espeak_ng_Synthesize's
    int rate;       // in words a minute
};

/// Speaks each text into its pipe, in a child of its own that is forked by a child of this process, which has chosen a
/// voice and has not spoken: all begin in the same state, so what is said depends on nothing else. At most `window` speak
/// at a time, fewer where no more processes may run. `seconds` bounds the processor time of each.
///
/// Forked by a process with many threads each speaker would cost a millisecond more, most of it page faults of the
/// parent; the child has one thread and writes no memory. Returns the child, or -1 with errno. `readers` are the other
/// ends of the pipes: a child that kept them would wait for ever to be read by itself once this process is gone.
pid_t speakcode_fork(
    const struct speakcode_text *texts, const int *pipes, const int *readers, int count, int window, unsigned seconds);

#endif
