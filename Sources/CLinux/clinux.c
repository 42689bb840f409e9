#define _GNU_SOURCE
#include "clinux.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

int clinux_accept(int listener, struct sockaddr *address, socklen_t *length) {
  return accept4(listener, address, length, SOCK_CLOEXEC | SOCK_NONBLOCK);
}

int clinux_fallocate(int descriptor, int mode, off_t offset, off_t length) {
  return fallocate(descriptor, mode, offset, length);
}

void clinux_name_thread(const char *name) {
  char kept[16];
  strncpy(kept, name, sizeof kept - 1);
  kept[sizeof kept - 1] = 0;
  pthread_setname_np(pthread_self(), kept);
}

static _Thread_local void *own;

void *clinux_own(void) { return own; }

void clinux_set_own(void *pointer) { own = pointer; }

int clinux_epoll_control(int epoll, int operation, int descriptor, uint32_t events, uint64_t data) {
  struct epoll_event event;
  memset(&event, 0, sizeof event);
  event.events = events;
  event.data.u64 = data;
  return epoll_ctl(epoll, operation, descriptor, &event);
}

int clinux_forbid_dumps(void) { return prctl(PR_SET_DUMPABLE, 0, 0, 0, 0); }

// One descriptor a signal; written before the handler is installed, read by the handler only.
static volatile int signal_descriptors[65];

static void write_signal(int signal) {
  int saved = errno;
  unsigned char byte = (unsigned char)signal;
  if (signal > 0 && signal < 65) {
    ssize_t ignored = write(signal_descriptors[signal], &byte, 1);
    (void)ignored;
  }
  errno = saved;
}

static int install(int signal, void (*handler)(int)) {
  struct sigaction action;
  memset(&action, 0, sizeof action);
  action.sa_handler = handler;
  action.sa_flags = SA_RESTART;
  sigemptyset(&action.sa_mask);
  return sigaction(signal, &action, 0);
}

int clinux_signal_to_descriptor(int signal, int descriptor) {
  if (signal <= 0 || signal >= 65) {
    errno = EINVAL;
    return -1;
  }
  signal_descriptors[signal] = descriptor;
  return install(signal, write_signal);
}

int clinux_ignore_signal(int signal) { return install(signal, SIG_IGN); }

int clinux_default_signal(int signal) { return install(signal, SIG_DFL); }
