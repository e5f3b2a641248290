// SPDX-License-Identifier: GPL-3.0-or-later

// eSpeak NG's headers, and what Swift cannot do itself: fork, and run nothing but C in the child.

#include <errno.h>
#include <espeak-ng/espeak_ng.h>
#include <espeak-ng/speak_lib.h>
#ifdef __linux__
#include <malloc.h>
#endif
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>
#ifdef __linux__
#include <linux/memfd.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#else
#include <fcntl.h>
#endif

/// What a speaking child writes into its pipe: frames of a kind, a length in bytes, and so many bytes.
enum speakcode_frame {
    speakcode_frame_audio = 1,    // 16-bit samples in the machine's order
    speakcode_frame_phonemes = 2, // UTF-8 mnemonics of one clause
    speakcode_frame_end = 3,      // all has been said; without this frame the child has failed
};

/// The pipe of the child; only ever set in a child. Each file that includes this header has its own, so the callback
/// that writes to it is set where it is set.
static int speakcode_pipe = -1;

static inline void speakcode_write(uint32_t kind, const void *data, uint32_t length) {
    uint32_t head[2] = {kind, length};
    struct iovec parts[2] = {{head, sizeof head}, {(void *)data, length}};
    int part = 0;
    while (part < 2) {
        ssize_t written = writev(speakcode_pipe, parts + part, 2 - part);
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) _exit(1); // nobody reads any more
        while (part < 2 && (size_t)written >= parts[part].iov_len) written -= (ssize_t)parts[part++].iov_len;
        if (part < 2) {
            parts[part].iov_base = (char *)parts[part].iov_base + written;
            parts[part].iov_len -= (size_t)written;
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

/// A file without a name that ends with the process; -1 where there is none.
static inline int speakcode_nameless_file(void) {
#ifdef __linux__
    return (int)syscall(SYS_memfd_create, "voice", MFD_CLOEXEC);
#else
    FILE *file = tmpfile();
    return file == NULL ? -1 : fileno(file);
#endif
}

/// Has freed memory kept for the next use. By default a block of more than 128 KiB goes back to the kernel, which
/// clears it page by page before it gives it again: in a process of some milliseconds that costs as much as to
/// resample speech.
static inline void speakcode_keep_memory(void) {
#ifdef __GLIBC__
    mallopt(M_ARENA_MAX, 1);
    mallopt(M_MMAP_THRESHOLD, 32 << 20);
    mallopt(M_TRIM_THRESHOLD, 64 << 20);
    mallopt(M_TOP_PAD, 1 << 20);
#endif
}

/// Makes this process, a child, the leader of a process group, by which all that it forks can be ended, and lets it end
/// with its parent.
static inline void speakcode_become_leader(pid_t parent) {
    setpgid(0, 0);
#ifdef __linux__
    prctl(PR_SET_PDEATHSIG, SIGKILL); // of the thread that forks, which waits for this child
#endif
    if (getppid() != parent) _exit(1); // it ended before that
    struct rlimit none = {0, 0};
    setrlimit(RLIMIT_CORE, &none);
    signal(SIGPIPE, SIG_DFL);
}

/// Speaks each text into its pipe, in a child of its own of this process, which has one thread, has chosen a voice and
/// has not spoken: all begin in the same state, so what is said depends on nothing else. At most `window` speak at a
/// time. Closes the pipes, and returns when all have ended.
///
/// `flags` are espeak_ng_Synthesize's. `seconds` bounds the processor time of each.
static inline void speakcode_speak_each(
    const char *const *texts, const unsigned *flags, const int *pipes, int count, int window, unsigned seconds) {
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
}

/// Speaks texts as `speakcode_speak_each` does, from a child of this process.
///
/// Forked by a process with many threads each speaker would cost a millisecond more, most of it page faults of the
/// parent; the child has one thread and writes no memory. Returns the child, or -1 with errno. `readers` are the other
/// ends of the pipes: a child that kept them would wait for ever to be read by itself once this process is gone.
static inline pid_t speakcode_fork(
    const char *const *texts, const unsigned *flags, const int *pipes, const int *readers, int count, int window,
    unsigned seconds) {
    pid_t parent = getpid();
    pid_t child = fork();
    if (child != 0) return child;
    speakcode_become_leader(parent);
    for (int index = 0; index < count; index++) close(readers[index]);
    speakcode_speak_each(texts, flags, pipes, count, window, seconds);
    _exit(0);
}

/// Forks a child that leads speakers at this process's request, and never returns from `lead`, which is given its end
/// of a connection. `connection` becomes this process's end; `nothing` is /dev/null. Returns the child, or -1 with errno.
///
/// Only a process that has one thread may call it: the child runs more than C.
static inline pid_t speakcode_fork_leader(void (*lead)(int connection), int *connection, int nothing) {
    int ends[2];
#ifdef __linux__
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) return -1;
#else
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends) != 0) return -1;
    for (int end = 0; end < 2; end++) fcntl(ends[end], F_SETFD, FD_CLOEXEC);
#endif
    pid_t parent = getpid();
    pid_t child = fork();
    if (child == 0) {
        speakcode_become_leader(parent);
        close(ends[0]);
        // Who reads this program's output must not wait for this child as well.
        if (nothing >= 0) {
            dup2(nothing, STDIN_FILENO);
            dup2(nothing, STDOUT_FILENO);
        }
        lead(ends[1]);
        _exit(0);
    }
    int failure = errno;
    close(ends[1]);
    if (child < 0) close(ends[0]);
    else *connection = ends[0];
    errno = failure;
    return child;
}

/// The most descriptors that one message carries.
enum { speakcode_most_passed = 64 };

union speakcode_passed {
    struct cmsghdr head;
    char space[CMSG_SPACE(speakcode_most_passed * sizeof(int))];
};

/// Sends a message, its length before it and descriptors with it. Returns 0, or -1 with errno.
static inline int speakcode_send(int connection, const void *bytes, uint32_t length, const int *passed, int count) {
    union speakcode_passed control;
    memset(&control, 0, sizeof control);
    struct iovec parts[2] = {{&length, sizeof length}, {(void *)bytes, length}};
    struct msghdr message = {0};
    message.msg_iov = parts;
    message.msg_iovlen = 2;
    if (count > 0) {
        message.msg_control = &control;
        message.msg_controllen = CMSG_SPACE((size_t)count * sizeof(int));
        struct cmsghdr *head = CMSG_FIRSTHDR(&message);
        head->cmsg_level = SOL_SOCKET;
        head->cmsg_type = SCM_RIGHTS;
        head->cmsg_len = CMSG_LEN((size_t)count * sizeof(int));
        memcpy(CMSG_DATA(head), passed, (size_t)count * sizeof(int));
    }
    int flags = 0;
#ifdef MSG_NOSIGNAL
    flags = MSG_NOSIGNAL;
#endif
    while (message.msg_iovlen > 0) {
        ssize_t sent = sendmsg(connection, &message, flags);
        if (sent < 0 && errno == EINTR) continue;
        if (sent <= 0) return -1;
        message.msg_control = NULL;
        message.msg_controllen = 0;
        while (message.msg_iovlen > 0 && (size_t)sent >= message.msg_iov->iov_len) {
            sent -= (ssize_t)message.msg_iov->iov_len;
            message.msg_iov++;
            message.msg_iovlen--;
        }
        if (message.msg_iovlen > 0) {
            message.msg_iov->iov_base = (char *)message.msg_iov->iov_base + sent;
            message.msg_iov->iov_len -= (size_t)sent;
        }
    }
    return 0;
}

/// Receives a message's length, and the descriptors that came with it; the message follows. Returns how many
/// descriptors came, or -1.
static inline int speakcode_receive(int connection, uint32_t *length, int *passed) {
    union speakcode_passed control;
    struct iovec part = {length, sizeof *length};
    struct msghdr message = {0};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    message.msg_control = &control;
    message.msg_controllen = sizeof control;
    ssize_t received;
    do received = recvmsg(connection, &message, MSG_WAITALL);
    while (received < 0 && errno == EINTR);
    if (received != sizeof *length || (message.msg_flags & MSG_CTRUNC) != 0) return -1;
    struct cmsghdr *head = CMSG_FIRSTHDR(&message);
    if (head == NULL) return 0;
    if (head->cmsg_level != SOL_SOCKET || head->cmsg_type != SCM_RIGHTS) return -1;
    size_t bytes = head->cmsg_len - CMSG_LEN(0);
    memcpy(passed, CMSG_DATA(head), bytes);
    return (int)(bytes / sizeof(int));
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
