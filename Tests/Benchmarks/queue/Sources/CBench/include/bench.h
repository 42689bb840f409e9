// What all contestants of the queue's benchmark share: the events, the clock, how latencies are counted, and, for those
// in C, how they are driven.
#pragma once
#include <stdbool.h>
#include <stdint.h>

#define BENCH_ID 18
#define BENCH_PAYLOAD 1200
#define BENCH_REPEATS_EVERY 100

// An event as every contestant stores it: 1.2 kB, with an id and an order key of its own.
struct bench_event {
  char id[BENCH_ID];
  char key[BENCH_ID];
  char payload[BENCH_PAYLOAD];
};

// The event of a number. One in a hundred is an earlier event again: who stores it twice, or does not tell, is void.
void bench_make(struct bench_event *event, uint64_t number);
static inline bool bench_is_repeat(uint64_t number) { return number % BENCH_REPEATS_EVERY == BENCH_REPEATS_EVERY - 1; }
// How many of the numbers below `end` are repeats.
static inline uint64_t bench_repeats(uint64_t end) { return end / BENCH_REPEATS_EVERY; }

// Nanoseconds, monotonic.
uint64_t bench_now(void);
// Seconds of processor time that this process has used.
double bench_cpu(void);

// Latencies are counted in buckets that are at most 1/32 wide of their value.
#define BENCH_BUCKETS 2048
unsigned bench_bucket(uint64_t nanoseconds);
uint64_t bench_bucket_end(unsigned bucket);

// A peer in C. Each lane (a thread) has its own `open`, and calls for many callers at once: all that wait.
struct bench_peer {
  // `fresh` is true for the first lane, which makes an empty store.
  void *(*open)(const char *place, bool fresh);
  // Stores `count` events from the number `first` on, synced when it returns; how many were known.
  unsigned (*append)(void *lane, uint64_t first, unsigned count);
  // Leases at most `count` events, durably, reads them, and settles them, durably; how many. Null where there is no such.
  unsigned (*work)(void *lane, unsigned count);
  // What is in the store, by looking into it.
  void (*count)(void *lane, uint64_t *stored, uint64_t *settled);
};

// Reads commands from standard input, one a line, and answers each but the last with a line:
//   append CALLERS SECONDS   ->  EVENTS SECONDS P99-MICROSECONDS CPU-SECONDS
//   work CALLERS SECONDS     ->  the same; ends early where nothing is left
//   count                    ->  ok | void, and the numbers
//   end
int bench_drive(const struct bench_peer *peer, const char *place, unsigned lanes);

// Says what is wrong, and ends the process.
_Noreturn void bench_fail(const char *what, const char *why);
