// SPDX-License-Identifier: GPL-3.0-or-later
// Stands before the C library of a process, and has calls fail as a file in memory says (SPEAKCODE_FAULTS), which
// Tests/Service/faults.py writes. Built and loaded by scripts/check-faults. Engines are given too few variables to have it.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

// The kinds of calls, as faults.py names them by number.
enum kind {
    NONE, READ, WRITE, OPEN, ACCEPT, MAKE_SOCKET, BIND, CONNECT, OPTION, NAME, DESCRIPTOR, FORK, EXEC, THREAD, ALLOCATE,
    RENAME, EVENTS
};
// What a descriptor is.
enum place { ANYWHERE, ON_SOCKET, IN_FILE, IN_PIPE };

struct fault {
    _Atomic int kind, place, error;
    // How many more such calls succeed before one fails; all fail where `always` is set.
    _Atomic int left, always;
    _Atomic int failed;
    // The process whose calls alone fail; 0 for those of its children as well.
    _Atomic int process;
};

static struct fault *fault;

__attribute__((constructor)) static void attach(void) {
    const char *path = getenv("SPEAKCODE_FAULTS");
    if (!path) return;
    int (*open_file)(const char *, int, ...) = dlsym(RTLD_NEXT, "open");
    int file = open_file(path, O_RDWR | O_CLOEXEC);
    if (file < 0) return;
    void *shared = mmap(NULL, sizeof *fault, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    close(file);
    if (shared != MAP_FAILED) fault = shared;
}

static enum place place_of(int descriptor) {
    struct stat status;
    int kept = errno;
    int outcome = fstat(descriptor, &status);
    errno = kept;
    if (outcome != 0) return ANYWHERE;
    if (S_ISSOCK(status.st_mode)) return ON_SOCKET;
    if (S_ISREG(status.st_mode)) return IN_FILE;
    if (S_ISFIFO(status.st_mode)) return IN_PIPE;
    return ANYWHERE;
}

static int fails(enum kind kind, int descriptor) {
    if (!fault || fault->kind != (int)kind) return 0;
    if (fault->process && fault->process != getpid()) return 0;
    if (fault->place && descriptor >= 0 && place_of(descriptor) != (enum place)fault->place) return 0;
    if (!fault->always && atomic_fetch_sub(&fault->left, 1) != 1) return 0;
    fault->failed++;
    errno = fault->error;
    return 1;
}

#define NEXT(name) \
    static __typeof__(name) *next; \
    if (!next) next = (__typeof__(name) *)dlsym(RTLD_NEXT, #name)
#define CALL(type, name, kind, descriptor, parameters, arguments) \
    type name parameters { \
        NEXT(name); \
        return fails(kind, descriptor) ? (type)-1 : next arguments; \
    }

CALL(ssize_t, read, READ, fd, (int fd, void *to, size_t n), (fd, to, n))
CALL(ssize_t, pread, READ, fd, (int fd, void *to, size_t n, off_t at), (fd, to, n, at))
CALL(ssize_t, readv, READ, fd, (int fd, const struct iovec *to, int n), (fd, to, n))
CALL(ssize_t, recv, READ, fd, (int fd, void *to, size_t n, int f), (fd, to, n, f))
CALL(ssize_t, recvfrom, READ, fd, (int fd, void *restrict to, size_t n, int f, __SOCKADDR_ARG a, socklen_t *restrict l),
     (fd, to, n, f, a, l))
CALL(ssize_t, recvmsg, READ, fd, (int fd, struct msghdr *m, int f), (fd, m, f))
CALL(int, recvmmsg, READ, fd, (int fd, struct mmsghdr *m, unsigned n, int f, struct timespec *t), (fd, m, n, f, t))
CALL(ssize_t, write, WRITE, fd, (int fd, const void *from, size_t n), (fd, from, n))
CALL(ssize_t, pwrite, WRITE, fd, (int fd, const void *from, size_t n, off_t at), (fd, from, n, at))
CALL(ssize_t, writev, WRITE, fd, (int fd, const struct iovec *from, int n), (fd, from, n))
CALL(ssize_t, send, WRITE, fd, (int fd, const void *from, size_t n, int f), (fd, from, n, f))
CALL(ssize_t, sendto, WRITE, fd, (int fd, const void *from, size_t n, int f, __CONST_SOCKADDR_ARG a, socklen_t l),
     (fd, from, n, f, a, l))
CALL(ssize_t, sendmsg, WRITE, fd, (int fd, const struct msghdr *m, int f), (fd, m, f))
CALL(int, sendmmsg, WRITE, fd, (int fd, struct mmsghdr *m, unsigned n, int f), (fd, m, n, f))
CALL(int, accept, ACCEPT, -1, (int fd, __SOCKADDR_ARG a, socklen_t *restrict l), (fd, a, l))
CALL(int, accept4, ACCEPT, -1, (int fd, __SOCKADDR_ARG a, socklen_t *restrict l, int f), (fd, a, l, f))
CALL(int, socket, MAKE_SOCKET, -1, (int d, int t, int p), (d, t, p))
CALL(int, socketpair, DESCRIPTOR, -1, (int d, int t, int p, int pair[2]), (d, t, p, pair))
CALL(int, bind, BIND, fd, (int fd, __CONST_SOCKADDR_ARG a, socklen_t l), (fd, a, l))
CALL(int, connect, CONNECT, fd, (int fd, __CONST_SOCKADDR_ARG a, socklen_t l), (fd, a, l))
CALL(int, setsockopt, OPTION, fd, (int fd, int l, int o, const void *v, socklen_t n), (fd, l, o, v, n))
CALL(int, getpeername, NAME, fd, (int fd, __SOCKADDR_ARG a, socklen_t *restrict l), (fd, a, l))
CALL(int, getsockname, NAME, fd, (int fd, __SOCKADDR_ARG a, socklen_t *restrict l), (fd, a, l))
CALL(int, pipe, DESCRIPTOR, -1, (int pair[2]), (pair))
CALL(int, pipe2, DESCRIPTOR, -1, (int pair[2], int f), (pair, f))
CALL(int, eventfd, DESCRIPTOR, -1, (unsigned n, int f), (n, f))
CALL(int, dup, DESCRIPTOR, -1, (int fd), (fd))
CALL(int, epoll_ctl, EVENTS, -1, (int e, int o, int fd, struct epoll_event *v), (e, o, fd, v))
CALL(pid_t, fork, FORK, -1, (void), ())
CALL(int, execve, EXEC, -1, (const char *p, char *const a[], char *const e[]), (p, a, e))
CALL(int, rename, RENAME, -1, (const char *from, const char *to), (from, to))
CALL(int, unlink, RENAME, -1, (const char *path), (path))

int open(const char *path, int flags, ...) {
    NEXT(open);
    va_list more;
    va_start(more, flags);
    mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(more, mode_t) : 0;
    va_end(more);
    return fails(OPEN, -1) ? -1 : next(path, flags, mode);
}

int openat(int folder, const char *path, int flags, ...) {
    NEXT(openat);
    va_list more;
    va_start(more, flags);
    mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(more, mode_t) : 0;
    va_end(more);
    return fails(OPEN, -1) ? -1 : next(folder, path, flags, mode);
}

int pthread_create(pthread_t *thread, const pthread_attr_t *how, void *(*body)(void *), void *with) {
    NEXT(pthread_create);
    return fails(THREAD, -1) ? fault->error : next(thread, how, body, with);
}

int posix_spawn(pid_t *child, const char *path, const posix_spawn_file_actions_t *actions, const posix_spawnattr_t *how,
                char *const arguments[], char *const environment[]) {
    NEXT(posix_spawn);
    return fails(FORK, -1) ? fault->error : next(child, path, actions, how, arguments, environment);
}

// The C library's own, since dlsym() allocates.
extern void *__libc_malloc(size_t);
extern void *__libc_calloc(size_t, size_t);
extern void *__libc_realloc(void *, size_t);
void *malloc(size_t size) { return fails(ALLOCATE, -1) ? NULL : __libc_malloc(size); }
void *calloc(size_t count, size_t size) { return fails(ALLOCATE, -1) ? NULL : __libc_calloc(count, size); }
void *realloc(void *old, size_t size) { return fails(ALLOCATE, -1) ? NULL : __libc_realloc(old, size); }
