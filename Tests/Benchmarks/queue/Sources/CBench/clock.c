#include "bench.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>

uint64_t bench_now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

double bench_cpu(void) {
  struct timespec time;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

unsigned bench_bucket(uint64_t nanoseconds) {
  if (nanoseconds < 32) return (unsigned)nanoseconds;
  unsigned power = 63 - (unsigned)__builtin_clzll(nanoseconds);
  return (power - 4) * 32 + (unsigned)(nanoseconds >> (power - 5) & 31);
}

uint64_t bench_bucket_end(unsigned bucket) {
  if (bucket < 32) return bucket + 1;
  unsigned power = bucket / 32 + 4;
  return ((uint64_t)(bucket % 32) + 33) << (power - 5);
}

void bench_fail(const char *what, const char *why) {
  fprintf(stderr, "bench: %s: %s\n", what, why);
  exit(1);
}
