#include "bench.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct bench_peer *peer;
static void *opened[256];
// The next event's number: all before it were sent.
static atomic_uint_fast64_t next_number;
static atomic_uint_fast64_t told, settled;

// One lane's part of a phase, and what came of it.
struct part {
  void *lane;
  unsigned callers;
  bool is_work;
  uint64_t deadline;
  uint64_t events, last;
  uint64_t buckets[BENCH_BUCKETS];
};

// Calls for all its callers together, again and again. Each of them has waited for as long as the call took.
static void *run(void *given) {
  struct part *part = given;
  for (uint64_t began = bench_now(); began < part->deadline; began = part->last) {
    unsigned count = part->callers;
    if (part->is_work) {
      count = peer->work(part->lane, count);
      if (count == 0) break;
      atomic_fetch_add(&settled, count);
    } else {
      uint64_t first = atomic_fetch_add(&next_number, count);
      atomic_fetch_add(&told, peer->append(part->lane, first, count));
    }
    part->last = bench_now();
    part->events += count;
    part->buckets[bench_bucket(part->last - began)] += count;
  }
  return NULL;
}

static uint64_t p99(const struct part *parts, unsigned lanes, uint64_t events) {
  uint64_t above = 0;
  for (unsigned bucket = BENCH_BUCKETS; bucket-- > 0;) {
    for (unsigned lane = 0; lane < lanes; lane++) above += parts[lane].buckets[bucket];
    if (above * 100 > events) return bench_bucket_end(bucket);
  }
  return 0;
}

static void phase(bool is_work, unsigned callers, double seconds, unsigned lanes) {
  if (lanes > callers) lanes = callers;
  struct part *parts = calloc(lanes, sizeof *parts);
  pthread_t threads[256];
  double cpu = bench_cpu();
  uint64_t began = bench_now(), events = 0, end = began;
  for (unsigned lane = 0; lane < lanes; lane++) {
    parts[lane].lane = opened[lane];
    parts[lane].callers = callers / lanes + (lane < callers % lanes);
    parts[lane].is_work = is_work;
    parts[lane].deadline = began + (uint64_t)(seconds * 1e9);
    if (pthread_create(&threads[lane], NULL, run, &parts[lane])) bench_fail("thread", "none could be made");
  }
  for (unsigned lane = 0; lane < lanes; lane++) {
    pthread_join(threads[lane], NULL);
    events += parts[lane].events;
    if (parts[lane].last > end) end = parts[lane].last;
  }
  printf(
      "%llu %.6f %.1f %.3f\n", (unsigned long long)events, (double)(end - began) / 1e9,
      (double)p99(parts, lanes, events) / 1e3, bench_cpu() - cpu);
  free(parts);
}

static void count(void) {
  uint64_t stored, done, sent = next_number;
  peer->count(opened[0], &stored, &done);
  // The bare limit tells no repeats and settles nothing: it stores all that was sent.
  uint64_t wanted = peer->work ? sent - bench_repeats(sent) : sent;
  bool is_whole = stored == wanted && told == sent - wanted && done == settled;
  printf(
      "%s sent %llu told-as-known %llu stored %llu settled %llu settled-in-store %llu\n", is_whole ? "ok" : "void",
      (unsigned long long)sent, (unsigned long long)told, (unsigned long long)stored, (unsigned long long)settled,
      (unsigned long long)done);
}

int bench_drive(const struct bench_peer *given, const char *place, unsigned lanes) {
  peer = given;
  for (unsigned lane = 0; lane < lanes; lane++) opened[lane] = peer->open(place, lane == 0);
  char line[128];
  unsigned callers;
  double seconds;
  while (fgets(line, sizeof line, stdin)) {
    if (sscanf(line, "append %u %lf", &callers, &seconds) == 2) {
      phase(false, callers, seconds, lanes);
    } else if (sscanf(line, "work %u %lf", &callers, &seconds) == 2 && peer->work) {
      phase(true, callers, seconds, lanes);
    } else if (strcmp(line, "count\n") == 0) {
      count();
    } else if (strcmp(line, "end\n") == 0) {
      break;
    } else {
      bench_fail("not a command", line);
    }
    fflush(stdout);
  }
  return 0;
}
