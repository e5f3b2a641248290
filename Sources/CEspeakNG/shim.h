// SPDX-License-Identifier: GPL-3.0-or-later

// eSpeak NG's headers, and what Swift cannot do itself: fork, and run nothing but C in the child.

#include <errno.h>
#include <espeak-ng/espeak_ng.h>
#include <espeak-ng/speak_lib.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/prctl.h>
#else
#include <fcntl.h>
#endif

/// What a speaking child writes into its pipe: frames of a kind, a length in bytes, and so many bytes.
enum speakcode_frame {
    speakcode_frame_audio = 1,    // 16-bit samples in the machine's order
    speakcode_frame_phonemes = 2, // UTF-8 mnemonics of one clause
    speakcode_frame_end = 3,      // all has been said; without this frame the child has failed
};

/// The pipe of the child; only ever set in a child. Each file that includes this header has its own, so the callback that
/// writes to it is set where it is set.
static int speakcode_pipe = -1;

static inline void speakcode_write(uint32_t kind, const void *data, uint32_t length) {
    uint32_t head[2] = {kind, length};
    const char *parts[2] = {(const char *)head, (const char *)data};
    size_t sizes[2] = {sizeof head, length};
    for (int part = 0; part < 2; part++) {
        while (sizes[part] > 0) {
            ssize_t written = write(speakcode_pipe, parts[part], sizes[part]);
            if (written < 0 && errno == EINTR) continue;
            if (written <= 0) _exit(1); // nobody reads any more
            parts[part] += written;
            sizes[part] -= (size_t)written;
        }
    }
}

/// eSpeak NG's callback.
static inline int speakcode_hear(short *samples, int count, espeak_EVENT *events) {
    (void)events;
    if (samples != NULL && count > 0) {
        speakcode_write(speakcode_frame_audio, samples, (uint32_t)count * sizeof(short));
    }
    return 0;
}

/// Speaks one text, and ends the process.
static inline void speakcode_speak(const char *text, unsigned flags, int pipe, unsigned seconds) {
    struct rlimit processor = {seconds, seconds};
    setrlimit(RLIMIT_CPU, &processor);
    speakcode_pipe = pipe;
    espeak_SetSynthCallback(speakcode_hear);
    if (espeak_ng_Synthesize(text, strlen(text) + 1, 0, POS_CHARACTER, 0, flags, NULL, NULL) != ENS_OK) _exit(2);
    const void *rest = text;
    for (int clause = 0; rest != NULL && clause < 64; clause++) {
        const char *phonemes = espeak_TextToPhonemes(&rest, (int)(flags & 7), 0);
        if (phonemes != NULL) speakcode_write(speakcode_frame_phonemes, phonemes, (uint32_t)strlen(phonemes));
    }
    speakcode_write(speakcode_frame_end, "", 0);
    _exit(0);
}

/// Speaks each text into its pipe, in a grandchild of its own of this process, which has chosen a voice and has not
/// spoken: all begin in the same state, so what is said depends on nothing else. At most `window` speak at a time.
///
/// The grandchildren are forked by one child, which has one thread and writes no memory: forked by a process with many
/// threads each would cost a millisecond more, most of it page faults of the parent. The child leads a process group, by
/// which all of them can be ended. Returns the child, or -1 with errno.
///
/// `flags` are espeak_ng_Synthesize's. `readers` are the other ends of the pipes: a child that kept them would wait for
/// ever to be read by itself once this process is gone. `seconds` bounds the processor time of each.
static inline pid_t speakcode_fork(
    const char *const *texts, const unsigned *flags, const int *pipes, const int *readers, int count, int window,
    unsigned seconds) {
    pid_t parent = getpid();
    pid_t child = fork();
    if (child != 0) return child;

    setpgid(0, 0);
#ifdef __linux__
    prctl(PR_SET_PDEATHSIG, SIGKILL); // of the thread that forks, which waits for this child
#endif
    if (getppid() != parent) _exit(1); // it ended before that
    for (int index = 0; index < count; index++) close(readers[index]);
    struct rlimit none = {0, 0};
    setrlimit(RLIMIT_CORE, &none);
    signal(SIGPIPE, SIG_DFL);
    pid_t leader = getpid();
    int speaking = 0;
    for (int index = 0; index < count; index++) {
        if (speaking == window && wait(NULL) > 0) speaking--;
        pid_t speaker = fork();
        if (speaker == 0) {
#ifdef __linux__
            prctl(PR_SET_PDEATHSIG, SIGKILL);
#endif
            if (getppid() != leader) _exit(1);
            for (int other = index + 1; other < count; other++) close(pipes[other]);
            speakcode_speak(texts[index], flags[index], pipes[index], seconds);
        }
        if (speaker > 0) speaking++;
        close(pipes[index]); // the reader of a text that nobody speaks meets the end of its pipe
    }
    while (wait(NULL) > 0) {
    }
    _exit(0);
}

/// A pipe that no program started meanwhile inherits; glibc shows pipe2 to _GNU_SOURCE only, which Swift does not set.
/// `flags` is O_CLOEXEC: to include <fcntl.h> here would make its types this module's, for all who import it.
static inline int speakcode_open_pipe(int ends[2], int flags) {
#ifdef __linux__
    extern int pipe2(int ends[2], int flags);
    return pipe2(ends, flags);
#else
    if (pipe(ends) != 0) return -1;
    fcntl(ends[0], F_SETFD, FD_CLOEXEC);
    fcntl(ends[1], F_SETFD, FD_CLOEXEC);
    return 0;
#endif
}

/// A status with the macro's value, which Swift does not import.
static inline int speakcode_status_ok(espeak_ng_STATUS status) { return status == ENS_OK; }

#ifdef __linux__
/// Swift does not import prctl, which is variadic.
static inline void speakcode_die_with_parent(void) { prctl(PR_SET_PDEATHSIG, SIGKILL); }
#endif
