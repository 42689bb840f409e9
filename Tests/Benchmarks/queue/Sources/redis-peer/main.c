// Redis over its Unix socket, spoken to directly: a stream with a consumer group, and a key for each id. All waiting
// callers of a connection go in one call of a script, so that the server writes and syncs once for all.
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "bench.h"

struct connection {
  int socket;
  char *out, *in;
  size_t written, begin, end, room;
  char script[41];
};

static const char append_script[] =
    "local known = 0 "
    "for i = 1, #ARGV, 3 do "
    " if redis.call('SET', ARGV[i], '', 'NX') then "
    "  redis.call('XADD', 'events', '*', 'id', ARGV[i], 'key', ARGV[i + 1], 'payload', ARGV[i + 2]) "
    " else known = known + 1 end "
    "end "
    "return known";
static const char settled_script[] =
    "local group = redis.call('XINFO', 'GROUPS', 'events')[1] "
    "return group[10] - group[6]";

static void put(struct connection *to, const void *bytes, size_t size) {
  memcpy(to->out + to->written, bytes, size);
  to->written += size;
}

static void put_head(struct connection *to, char kind, size_t number) {
  to->written += (size_t)sprintf(to->out + to->written, "%c%zu\r\n", kind, number);
}

static void put_part(struct connection *to, const void *bytes, size_t size) {
  put_head(to, '$', size);
  put(to, bytes, size);
  put(to, "\r\n", 2);
}

static void put_text(struct connection *to, const char *text) { put_part(to, text, strlen(text)); }

static void put_number(struct connection *to, size_t number) {
  char text[32];
  sprintf(text, "%zu", number);
  put_text(to, text);
}

static void send_all(struct connection *to) {
  for (size_t sent = 0; sent < to->written;) {
    ssize_t count = write(to->socket, to->out + sent, to->written - sent);
    if (count <= 0) bench_fail("redis: write", strerror(errno));
    sent += (size_t)count;
  }
  to->written = 0;
  to->begin = to->end = 0;
}

static void receive(struct connection *from) {
  if (from->end == from->room) bench_fail("redis", "an answer is too long");
  ssize_t count = read(from->socket, from->in + from->end, from->room - from->end);
  if (count <= 0) bench_fail("redis: read", count ? strerror(errno) : "closed");
  from->end += (size_t)count;
}

// The next line of the answer, its kind first; its end becomes a null.
static char *line(struct connection *from) {
  size_t looked = from->begin;
  for (;;) {
    char *found = memchr(from->in + looked, '\n', from->end - looked);
    if (found) {
      char *line = from->in + from->begin;
      found[-1] = 0;
      from->begin = (size_t)(found + 1 - from->in);
      if (*line == '-') bench_fail("redis", line + 1);
      return line;
    }
    looked = from->end;
    receive(from);
  }
}

static long number(struct connection *from, char kind) {
  char *found = line(from);
  if (*found != kind) bench_fail("redis: not what was expected", found);
  return atol(found + 1);
}

// Bytes that stay where they are until the next call.
static char *part(struct connection *from, size_t *size) {
  *size = (size_t)number(from, '$');
  size_t begin = from->begin;
  while (from->end < begin + *size + 2) receive(from);
  from->begin = begin + *size + 2;
  return from->in + begin;
}

static void command(struct connection *to, size_t parts) { put_head(to, '*', parts); }

static long evaluate(struct connection *on, const char *script) {
  command(on, 3);
  put_text(on, "EVAL");
  put_text(on, script);
  put_text(on, "0");
  send_all(on);
  return number(on, ':');
}

static void begin_anew(struct connection *on) {
  command(on, 1);
  put_text(on, "FLUSHALL");
  send_all(on);
  line(on);
  command(on, 6);
  put_text(on, "XGROUP");
  put_text(on, "CREATE");
  put_text(on, "events");
  put_text(on, "workers");
  put_text(on, "0");
  put_text(on, "MKSTREAM");
  send_all(on);
  line(on);
}

static void *open_connection(const char *place, bool fresh) {
  struct connection *made = calloc(1, sizeof *made);
  made->room = 4 << 20;
  made->out = malloc(made->room);
  made->in = malloc(made->room);
  made->socket = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  snprintf(address.sun_path, sizeof address.sun_path, "%s", place);
  if (connect(made->socket, (struct sockaddr *)&address, sizeof address)) bench_fail(place, strerror(errno));
  if (fresh) begin_anew(made);
  command(made, 3);
  put_text(made, "SCRIPT");
  put_text(made, "LOAD");
  put_text(made, append_script);
  send_all(made);
  size_t size;
  memcpy(made->script, part(made, &size), 40);
  return made;
}

static unsigned append(void *lane, uint64_t first, unsigned count) {
  struct connection *on = lane;
  struct bench_event event;
  command(on, 3 + 3 * (size_t)count);
  put_text(on, "EVALSHA");
  put_text(on, on->script);
  put_text(on, "0");
  for (unsigned index = 0; index < count; index++) {
    bench_make(&event, first + index);
    put_part(on, event.id, sizeof event.id);
    put_part(on, event.key, sizeof event.key);
    put_part(on, event.payload, sizeof event.payload);
  }
  send_all(on);
  return (unsigned)number(on, ':');
}

// The ids of the entries that the group's next events have in the stream; their fields are read as they come.
static unsigned lease(struct connection *on, unsigned count, char (*ids)[64], size_t *sizes) {
  command(on, 9);
  put_text(on, "XREADGROUP");
  put_text(on, "GROUP");
  put_text(on, "workers");
  put_text(on, "one");
  put_text(on, "COUNT");
  put_number(on, count);
  put_text(on, "STREAMS");
  put_text(on, "events");
  put_text(on, ">");
  send_all(on);
  if (number(on, '*') < 1) return 0;
  number(on, '*');
  size_t size;
  part(on, &size);
  unsigned found = (unsigned)number(on, '*');
  for (unsigned index = 0; index < found; index++) {
    number(on, '*');
    char *id = part(on, &sizes[index]);
    memcpy(ids[index], id, sizes[index]);
    for (long fields = number(on, '*'); fields > 0; fields--) part(on, &size);
  }
  return found;
}

static unsigned work(void *lane, unsigned count) {
  struct connection *on = lane;
  char ids[256][64];
  size_t sizes[256];
  unsigned found = lease(on, count, ids, sizes);
  if (found == 0) return 0;
  command(on, 3 + (size_t)found);
  put_text(on, "XACK");
  put_text(on, "events");
  put_text(on, "workers");
  for (unsigned index = 0; index < found; index++) put_part(on, ids[index], sizes[index]);
  send_all(on);
  return (unsigned)number(on, ':');
}

static void count(void *lane, uint64_t *stored, uint64_t *settled) {
  *stored = (uint64_t)evaluate(lane, "return redis.call('XLEN', 'events')");
  *settled = (uint64_t)evaluate(lane, settled_script);
}

int main(int count_of_arguments, char **arguments) {
  if (count_of_arguments != 3) bench_fail("redis-peer", "SOCKET and CONNECTIONS are needed");
  static const struct bench_peer redis = {open_connection, append, work, count};
  return bench_drive(&redis, arguments[1], (unsigned)atoi(arguments[2]));
}
