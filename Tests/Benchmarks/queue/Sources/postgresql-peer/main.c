// PostgreSQL over its Unix socket: prepared statements with arrays in binary form, one statement and one transaction for
// all waiting callers of a connection. What is still to be done stands in a narrow table of its own, so that leasing and
// settling never write an event again.
#include <arpa/inet.h>
#include <endian.h>
#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench.h"

enum { text_type = 25, bytes_type = 17, int8_type = 20, int8_array_type = 1016, text_array_type = 1009,
       bytes_array_type = 1001 };

struct connection {
  PGconn *postgresql;
  char *arrays[3];
  size_t sizes[3];
};

static void put_int(char *array, size_t *size, uint32_t number) {
  number = htonl(number);
  memcpy(array + *size, &number, 4);
  *size += 4;
}

static void begin_array(char *array, size_t *size, uint32_t type, unsigned count) {
  *size = 0;
  const uint32_t head[] = {1, 0, type, count, 1};
  for (unsigned index = 0; index < 5; index++) put_int(array, size, head[index]);
}

static void put(char *array, size_t *size, const void *bytes, size_t length) {
  put_int(array, size, (uint32_t)length);
  memcpy(array + *size, bytes, length);
  *size += length;
}

static PGresult *checked(PGconn *on, PGresult *result) {
  ExecStatusType status = PQresultStatus(result);
  if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) bench_fail("postgresql", PQerrorMessage(on));
  return result;
}

static void run(PGconn *on, const char *sql) { PQclear(checked(on, PQexec(on, sql))); }

static void prepare(PGconn *on, const char *name, const char *sql, int count, const Oid *types) {
  PQclear(checked(on, PQprepare(on, name, sql, count, types)));
}

static void begin_anew(PGconn *on) {
  run(on, "SET client_min_messages = warning");
  run(on, "DROP TABLE IF EXISTS event, work");
  run(on, "CREATE TABLE event(id text PRIMARY KEY, key text NOT NULL, payload bytea NOT NULL)");
  run(on, "CREATE TABLE work(sequence bigint GENERATED ALWAYS AS IDENTITY (CACHE 256) PRIMARY KEY, id text NOT NULL, "
          "attempts integer NOT NULL DEFAULT 0, until timestamptz)");
}

static void *open_connection(const char *place, bool fresh) {
  struct connection *made = calloc(1, sizeof *made);
  for (unsigned index = 0; index < 3; index++) made->arrays[index] = malloc(1 << 20);
  made->postgresql = PQconnectdb(place);
  PGconn *on = made->postgresql;
  if (PQstatus(on) != CONNECTION_OK) bench_fail("postgresql", PQerrorMessage(on));
  if (fresh) begin_anew(on);
  prepare(on, "append",
      "WITH new AS (INSERT INTO event(id, key, payload) SELECT * FROM unnest($1, $2, $3) ON CONFLICT DO NOTHING "
      "RETURNING id), open AS (INSERT INTO work(id) SELECT id FROM new) SELECT count(*) FROM new",
      3, (const Oid[]){text_array_type, text_array_type, bytes_array_type});
  prepare(on, "lease",
      "WITH due AS MATERIALIZED (SELECT sequence FROM work WHERE until IS NULL ORDER BY sequence LIMIT $1 FOR UPDATE "
      "SKIP LOCKED), leased AS (UPDATE work SET attempts = attempts + 1, until = now() + interval '2 minutes' FROM due "
      "WHERE work.sequence = due.sequence RETURNING work.sequence, work.id) "
      "SELECT sequence, event.id, key, payload FROM leased JOIN event USING (id)",
      1, (const Oid[]){int8_type});
  prepare(on, "settle", "DELETE FROM work WHERE sequence = ANY($1)", 1, (const Oid[]){int8_array_type});
  return made;
}

static PGresult *execute(struct connection *on, const char *name, int count) {
  int sizes[3], formats[3] = {1, 1, 1};
  for (int index = 0; index < count; index++) sizes[index] = (int)on->sizes[index];
  PGresult *result =
      PQexecPrepared(on->postgresql, name, count, (const char *const *)on->arrays, sizes, formats, 1);
  return checked(on->postgresql, result);
}

static int64_t integer(PGresult *result, int row) {
  uint64_t value;
  memcpy(&value, PQgetvalue(result, row, 0), 8);
  return (int64_t)be64toh(value);
}

static unsigned append(void *lane, uint64_t first, unsigned count) {
  struct connection *on = lane;
  struct bench_event event;
  begin_array(on->arrays[0], &on->sizes[0], text_type, count);
  begin_array(on->arrays[1], &on->sizes[1], text_type, count);
  begin_array(on->arrays[2], &on->sizes[2], bytes_type, count);
  for (unsigned index = 0; index < count; index++) {
    bench_make(&event, first + index);
    put(on->arrays[0], &on->sizes[0], event.id, sizeof event.id);
    put(on->arrays[1], &on->sizes[1], event.key, sizeof event.key);
    put(on->arrays[2], &on->sizes[2], event.payload, sizeof event.payload);
  }
  PGresult *result = execute(on, "append", 3);
  unsigned stored = (unsigned)integer(result, 0);
  PQclear(result);
  return count - stored;
}

static unsigned work(void *lane, unsigned count) {
  struct connection *on = lane;
  uint64_t wanted = htobe64(count);
  memcpy(on->arrays[0], &wanted, 8);
  on->sizes[0] = 8;
  PGresult *leased = execute(on, "lease", 1);
  unsigned found = (unsigned)PQntuples(leased);
  begin_array(on->arrays[0], &on->sizes[0], int8_type, found);
  for (unsigned row = 0; row < found; row++) put(on->arrays[0], &on->sizes[0], PQgetvalue(leased, (int)row, 0), 8);
  PQclear(leased);
  if (found == 0) return 0;
  PGresult *settled = execute(on, "settle", 1);
  unsigned done = (unsigned)atoi(PQcmdTuples(settled));
  PQclear(settled);
  return done;
}

static uint64_t number(struct connection *on, const char *sql) {
  PGresult *result = checked(on->postgresql, PQexec(on->postgresql, sql));
  uint64_t found = strtoull(PQgetvalue(result, 0, 0), NULL, 10);
  PQclear(result);
  return found;
}

static void count(void *lane, uint64_t *stored, uint64_t *settled) {
  *stored = number(lane, "SELECT count(*) FROM event");
  *settled = *stored - number(lane, "SELECT count(*) FROM work");
}

int main(int count_of_arguments, char **arguments) {
  if (count_of_arguments != 3) bench_fail("postgresql-peer", "CONNECTION and CONNECTIONS are needed");
  static const struct bench_peer postgresql = {open_connection, append, work, count};
  return bench_drive(&postgresql, arguments[1], (unsigned)atoi(arguments[2]));
}
