// SPDX-License-Identifier: GPL-3.0-or-later

#ifdef __linux__
#define _GNU_SOURCE
#endif

#include "CEspeakFork.h"

#include "CProgram.h"

#include <errno.h>
#include <espeak-ng/espeak_ng.h>
#include <espeak-ng/speak_lib.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>
#ifdef __linux__
#include <linux/memfd.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#endif

// ---- Frames ---------------------------------------------------------------------------------------------------------

/// The pipe of the child; only ever set in a child.
static int speakcode_pipe = -1;

/// Writes a frame. Returns 0, or -1 where nobody reads any more.
static int write_frame(int pipe, uint32_t kind, const void *data, uint32_t length) {
    uint32_t head[2] = {kind, length};
    struct iovec parts[2] = {{head, sizeof head}, {(void *)data, length}};
    int part = 0;
    while (part < 2) {
        ssize_t written = writev(pipe, parts + part, 2 - part);
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) return -1;
        while (part < 2 && (size_t)written >= parts[part].iov_len) written -= (ssize_t)parts[part++].iov_len;
        if (part < 2) {
            parts[part].iov_base = (char *)parts[part].iov_base + written;
            parts[part].iov_len -= (size_t)written;
        }
    }
    return 0;
}

static void say(uint32_t kind, const void *data, uint32_t length) {
    if (write_frame(speakcode_pipe, kind, data, length) != 0) _exit(1);
}

/// eSpeak NG's callback.
static int hear(short *samples, int count, espeak_EVENT *events) {
    (void)events;
    if (samples != NULL && count > 0) say(speakcode_frame_audio, samples, (uint32_t)count * sizeof(short));
    return 0;
}

// ---- Speakers -------------------------------------------------------------------------------------------------------

/// Speaks one text, and ends the process.
static void speak(struct speakcode_text what, int pipe, unsigned seconds) {
    struct rlimit processor = {seconds, seconds};
    setrlimit(RLIMIT_CPU, &processor);
    speakcode_pipe = pipe;
    espeak_SetSynthCallback(hear);
    if (espeak_ng_SetParameter(espeakRATE, what.rate, 0) != ENS_OK) _exit(2);
    if (espeak_ng_Synthesize(what.text, strlen(what.text) + 1, 0, POS_CHARACTER, 0, what.flags, NULL, NULL) != ENS_OK)
        _exit(2);
    const void *rest = what.text;
    for (int clause = 0; rest != NULL && clause < 64; clause++) {
        const char *phonemes = espeak_TextToPhonemes(&rest, (int)(what.flags & 7), 0);
        if (phonemes != NULL) say(speakcode_frame_phonemes, phonemes, (uint32_t)strlen(phonemes));
    }
    say(speakcode_frame_end, "", 0);
    _exit(0);
}

/// Speaks each text into its pipe, in a child of its own of this process, which has one thread, has chosen a voice and
/// has not spoken: all begin in the same state, so what is said depends on nothing else. At most `window` speak at a
/// time, fewer where no more processes may run. Closes the pipes, and returns when all have ended.
static void speak_each(
    const struct speakcode_text *texts, const int *pipes, int count, int window, unsigned seconds) {
    pid_t leader = getpid();
    int speaking = 0;
    for (int index = 0; index < count; index++) {
        while (speaking >= window)
            if (wait(NULL) > 0 || errno != EINTR) speaking--;
        pid_t speaker = fork();
        // Where no more processes may run, those that run are waited for.
        while (speaker < 0 && speaking > 0 && wait(NULL) > 0) {
            speaking--;
            speaker = fork();
        }
        if (speaker == 0) {
#ifdef __linux__
            prctl(PR_SET_PDEATHSIG, SIGKILL);
#endif
            if (getppid() != leader) _exit(1);
            for (int other = index + 1; other < count; other++) close(pipes[other]);
            speak(texts[index], pipes[index], seconds);
        }
        if (speaker > 0) {
            speaking++;
        } else {
            int failure = errno;
            write_frame(pipes[index], speakcode_frame_exhausted, &failure, sizeof failure);
        }
        close(pipes[index]); // the reader of a text that nobody speaks meets the end of its pipe
    }
    while (wait(NULL) > 0) {
    }
}

void speakcode_harden(void) {
    struct rlimit none = {0, 0};
    setrlimit(RLIMIT_CORE, &none);
#ifdef __linux__
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
#endif
}

/// Makes this process, a child, the leader of a process group, by which all that it forks can be ended, and lets it end
/// with its parent.
static void become_leader(pid_t parent) {
    setpgid(0, 0);
#ifdef __linux__
    prctl(PR_SET_PDEATHSIG, SIGKILL); // of the thread that forks, which waits for this child
#endif
    if (getppid() != parent) _exit(1); // it ended before that
    speakcode_harden();
    signal(SIGPIPE, SIG_DFL);
}

pid_t speakcode_fork(
    const struct speakcode_text *texts, const int *pipes, const int *readers, int count, int window, unsigned seconds) {
    pid_t parent = getpid();
    pid_t child = fork();
    if (child != 0) return child;
    become_leader(parent);
    for (int index = 0; index < count; index++) close(readers[index]);
    speak_each(texts, pipes, count, window, seconds);
    _exit(0);
}

// ---- Variables ------------------------------------------------------------------------------------------------------

extern char **environ;

// What an engine that is built with a sanitizer is told (scripts/sanitize); all others are told nothing of it.
#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SANITIZER_OPTIONS "ASAN_OPTIONS=", "TSAN_OPTIONS=",
#endif
#endif
#ifndef SANITIZER_OPTIONS
#define SANITIZER_OPTIONS
#endif

/// Whether an engine has a use for a variable, given as NAME=value.
static int is_needed(const char *variable) {
    static const char *const names[] = {
        "PATH=", "LANG=", "LANGUAGE=", "ESPEAK_DATA_PATH=", // where it is looked for, and what it speaks
        "LD_LIBRARY_PATH=", "DYLD_LIBRARY_PATH=",           // without which it may not start
        SANITIZER_OPTIONS};
    for (size_t index = 0; index < sizeof names / sizeof *names; index++) {
        if (strncmp(variable, names[index], strlen(names[index])) == 0) return 1;
    }
    static const char *const categories[] = {
        "LC_ALL=", "LC_COLLATE=", "LC_CTYPE=", "LC_MESSAGES=", "LC_MONETARY=", "LC_NUMERIC=", "LC_TIME=",
    };
    for (size_t index = 0; index < sizeof categories / sizeof *categories; index++) {
        if (strncmp(variable, categories[index], strlen(categories[index])) == 0) return 1;
    }
    return 0;
}

// ---- Programs -------------------------------------------------------------------------------------------------------

/// The most variables that an engine is given.
enum { most_variables = 24 };

#ifdef __linux__
struct start {
    const char *program;
    char *const *arguments;
    char *const *variables;
    int output;
    pid_t parent;
    volatile int failure;
};

/// Closes what this process has beyond its standard descriptors.
static void close_others(void) {
#ifdef SYS_close_range
    if (syscall(SYS_close_range, STDERR_FILENO + 1, ~0U, 0) == 0) return;
#endif
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur > 65536) limit.rlim_cur = 65536;
    for (int descriptor = STDERR_FILENO + 1; descriptor < (int)limit.rlim_cur; descriptor++) close(descriptor);
}

/// What the child does, in the memory of the parent, which waits meanwhile: calls of the system, and nothing else.
static _Noreturn __attribute__((noinline)) void become_program(struct start *start) {
    struct sigaction usual = {0};
    usual.sa_handler = SIG_DFL;
    for (int number = 1; number < NSIG; number++) sigaction(number, &usual, NULL);
    setpgid(0, 0);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != start->parent) _exit(1);
    struct rlimit none = {0, 0};
    setrlimit(RLIMIT_CORE, &none);
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);

    // Without a descriptor more than there is: of a process that has all that it may, too.
    if (start->output == STDOUT_FILENO) fcntl(STDOUT_FILENO, F_SETFD, 0);
    else dup2(start->output, STDOUT_FILENO);
    close(STDIN_FILENO);
    if (open("/dev/null", O_RDWR) == STDIN_FILENO) dup2(STDIN_FILENO, STDERR_FILENO);
    close_others();

    sigset_t nothing;
    sigemptyset(&nothing);
    sigprocmask(SIG_SETMASK, &nothing, NULL);
    execve(start->program, start->arguments, start->variables);
    start->failure = errno;
    _exit(127);
}

static int start_program(struct start *start, pid_t *process) {
    // A handler that ran in the child would run in the parent's memory.
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    // To copy the tables of a service's memory takes longer than to start the program.
    pid_t child = vfork();
    if (child == 0) become_program(start);
    int failure = child < 0 ? errno : start->failure;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (failure != 0 && child > 0) {
        while (waitpid(child, NULL, 0) < 0 && errno == EINTR) {
        }
    }
    *process = child;
    return failure;
}
#else
#include <spawn.h>

static int start_program(
    const char *program, char *const *arguments, char *const *variables, int output, pid_t *process) {
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    sigset_t none, all;
    sigemptyset(&none);
    sigfillset(&all);
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setsigdefault(&attributes, &all);
    posix_spawnattr_setpgroup(&attributes, 0);
    short flags = POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETPGROUP;
#ifdef POSIX_SPAWN_CLOEXEC_DEFAULT
    flags |= POSIX_SPAWN_CLOEXEC_DEFAULT;
#endif
    posix_spawnattr_setflags(&attributes, flags);
    int failure = posix_spawn(process, program, &actions, &attributes, arguments, variables);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    return failure;
}
#endif

int speakcode_start(const char *program, char *const *arguments, pid_t *process, int *output) {
    char *variables[most_variables + 1];
    int count = 0;
    for (char **variable = environ; variable != NULL && *variable != NULL && count < most_variables; variable++) {
        if (is_needed(*variable)) variables[count++] = *variable;
    }
    variables[count] = NULL;

    int ends[2];
    if (speakcode_open_pipe(ends) != 0) return errno;
#ifdef __linux__
    struct start start = {program, arguments, variables, ends[1], getpid(), 0};
    int failure = start_program(&start, process);
#else
    int failure = start_program(program, arguments, variables, ends[1], process);
#endif
    close(ends[1]);
    if (failure != 0) close(ends[0]);
    else *output = ends[0];
    return failure;
}

// ---- Threads --------------------------------------------------------------------------------------------------------

enum { thread_stack = 512 << 10 };

/// Two of the library's, and one to spare.
int speakcode_may_open(void) { return speakcode_threads_suffice(3); }

struct work {
    void (*body)(void *context);
    void *context;
};

static void *carry_out(void *given) {
    struct work work = *(struct work *)given;
    free(given);
    work.body(work.context);
    return NULL;
}

int speakcode_begin_thread(void (*body)(void *context), void *context) {
    struct work *work = malloc(sizeof *work);
    if (work == NULL) return ENOMEM;
    *work = (struct work){body, context};
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, thread_stack);
    pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    pthread_t thread;
    int failure = pthread_create(&thread, &attributes, carry_out, work);
    pthread_attr_destroy(&attributes);
    if (failure != 0) free(work);
    return failure;
}

// ---- Descriptors ----------------------------------------------------------------------------------------------------

int speakcode_open_pipe(int ends[2]) {
#ifdef __linux__
    return pipe2(ends, O_CLOEXEC);
#else
    if (pipe(ends) != 0) return -1;
    fcntl(ends[0], F_SETFD, FD_CLOEXEC);
    fcntl(ends[1], F_SETFD, FD_CLOEXEC);
    return 0;
#endif
}

int speakcode_nameless_file(void) {
#ifdef __linux__
    return (int)syscall(SYS_memfd_create, "voice", MFD_CLOEXEC);
#else
    FILE *file = tmpfile();
    return file == NULL ? -1 : fileno(file);
#endif
}
