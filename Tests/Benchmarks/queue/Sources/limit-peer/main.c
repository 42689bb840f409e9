// The bare limit: one writer, one `pwrite` of the bytes of all waiting callers, one `fdatasync`. It looks nothing up.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench.h"

enum { most = 256 };
static const off_t segment = 64 << 20;

static struct bench_event batch[most];
static int file;
static off_t end, allocated;

static void *open_file(const char *place, bool fresh) {
  (void)fresh;
  char path[4096];
  snprintf(path, sizeof path, "%s/limit", place);
  file = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (file < 0) bench_fail(path, strerror(errno));
  return batch;
}

static unsigned append(void *lane, uint64_t first, unsigned count) {
  (void)lane;
  off_t size = (off_t)(count * sizeof *batch);
  if (end + size > allocated) {
    if (fallocate(file, 0, allocated, segment) || fsync(file)) bench_fail("fallocate", strerror(errno));
    allocated += segment;
  }
  for (unsigned index = 0; index < count; index++) bench_make(&batch[index], first + index);
  if (pwrite(file, batch, (size_t)size, end) != size) bench_fail("pwrite", strerror(errno));
  if (fdatasync(file)) bench_fail("fdatasync", strerror(errno));
  end += size;
  return 0;
}

static void count(void *lane, uint64_t *stored, uint64_t *settled) {
  (void)lane;
  *stored = *settled = 0;
  struct bench_event event, wanted;
  while (pread(file, &event, sizeof event, (off_t)(*stored * sizeof event)) == sizeof event) {
    bench_make(&wanted, *stored);
    if (memcmp(&event, &wanted, sizeof event)) return;
    ++*stored;
  }
}

int main(int count_of_arguments, char **arguments) {
  if (count_of_arguments != 2) bench_fail("limit-peer", "FOLDER is needed");
  static const struct bench_peer limit = {open_file, append, NULL, count};
  return bench_drive(&limit, arguments[1], 1);
}
