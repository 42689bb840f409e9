// What Swift cannot import from the C library by itself: epoll, eventfd, and the calls that hide behind a feature macro.
// No logic here. This header must not define _GNU_SOURCE (it would change types that Glibc's own module already
// declared); clinux.c does.
#ifndef CAUSEWAY_CLINUX_H
#define CAUSEWAY_CLINUX_H

#include <stdint.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/types.h>

/// accept4(2) with SOCK_CLOEXEC and SOCK_NONBLOCK.
int clinux_accept(int listener, struct sockaddr *address, socklen_t *length);

/// fallocate(2).
int clinux_fallocate(int descriptor, int mode, off_t offset, off_t length);

/// pthread_setname_np(3) for the calling thread; at most 15 bytes are kept.
void clinux_name_thread(const char *name);

/// One pointer that each thread keeps for itself; null until it was set.
void *clinux_own(void);
void clinux_set_own(void *pointer);

/// epoll_ctl(2) with the user data given as one number.
int clinux_epoll_control(int epoll, int operation, int descriptor, uint32_t events, uint64_t data);

/// Installs a handler that writes the signal's number, one byte, to `descriptor`; safe at any moment of the program.
int clinux_signal_to_descriptor(int signal, int descriptor);

/// prctl(2) PR_SET_DUMPABLE 0, which takes a variable number of arguments, as Swift cannot: 0, or -1 with errno set.
int clinux_forbid_dumps(void);

/// SIG_IGN and SIG_DFL are casts, which Swift does not import.
int clinux_ignore_signal(int signal);
int clinux_default_signal(int signal);

#endif
