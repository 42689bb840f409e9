// SQLite in process: WAL with `synchronous=FULL`, one transaction for all waiting callers, and no other thread or process
// to share the file with. Events are read in the order they came by a cursor, so that appending writes one table only.
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "bench.h"

static sqlite3 *database;
static sqlite3_stmt *begin, *commit, *insert, *due, *lease, *move, *settle;

static void check(int code, int wanted, const char *what) {
  if (code != wanted) bench_fail(what, sqlite3_errmsg(database));
}

static void run(const char *sql) { check(sqlite3_exec(database, sql, NULL, NULL, NULL), SQLITE_OK, sql); }

static sqlite3_stmt *prepare(const char *sql) {
  sqlite3_stmt *statement;
  check(sqlite3_prepare_v3(database, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, NULL), SQLITE_OK, sql);
  return statement;
}

static void step(sqlite3_stmt *statement) {
  check(sqlite3_step(statement), SQLITE_DONE, sqlite3_sql(statement));
  sqlite3_reset(statement);
}

static int64_t number(const char *sql) {
  sqlite3_stmt *statement = prepare(sql);
  check(sqlite3_step(statement), SQLITE_ROW, sql);
  int64_t found = sqlite3_column_int64(statement, 0);
  sqlite3_finalize(statement);
  return found;
}

static void *open_database(const char *place, bool fresh) {
  (void)fresh;
  char path[4096];
  snprintf(path, sizeof path, "%s/peer.sqlite", place);
  check(sqlite3_open(path, &database), SQLITE_OK, path);
  // Pages of 16 KiB write rows of 1.2 kB a third cheaper than the usual 4 KiB; a checkpoint is due after 32 MiB.
  run("PRAGMA page_size = 16384; PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
      "PRAGMA cache_size = -262144; PRAGMA wal_autocheckpoint = 2000");
  if (number("PRAGMA synchronous") != 2) bench_fail(path, "commits would not be synced");
  run("CREATE TABLE event(sequence INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, key TEXT NOT NULL, payload BLOB NOT "
      "NULL);"
      "CREATE TABLE lease(sequence INTEGER PRIMARY KEY, attempts INTEGER NOT NULL, until INTEGER NOT NULL);"
      "CREATE TABLE place(sequence INTEGER NOT NULL); INSERT INTO place VALUES(0)");
  begin = prepare("BEGIN IMMEDIATE");
  commit = prepare("COMMIT");
  insert = prepare("INSERT OR IGNORE INTO event(id, key, payload) VALUES(?, ?, ?)");
  due = prepare("SELECT sequence, id, key, payload FROM event WHERE sequence > (SELECT sequence FROM place) "
                "ORDER BY sequence LIMIT ?");
  lease = prepare("INSERT INTO lease VALUES(?, 1, ?)");
  move = prepare("UPDATE place SET sequence = ?");
  settle = prepare("DELETE FROM lease WHERE sequence = ?");
  return database;
}

static unsigned append(void *lane, uint64_t first, unsigned count) {
  (void)lane;
  unsigned known = 0;
  struct bench_event event;
  step(begin);
  for (unsigned index = 0; index < count; index++) {
    bench_make(&event, first + index);
    sqlite3_bind_text(insert, 1, event.id, sizeof event.id, SQLITE_STATIC);
    sqlite3_bind_text(insert, 2, event.key, sizeof event.key, SQLITE_STATIC);
    sqlite3_bind_blob(insert, 3, event.payload, sizeof event.payload, SQLITE_STATIC);
    step(insert);
    known += sqlite3_changes(database) == 0;
  }
  step(commit);
  return known;
}

static unsigned work(void *lane, unsigned count) {
  (void)lane;
  int64_t sequences[256];
  struct bench_event event;
  unsigned found = 0;
  step(begin);
  sqlite3_bind_int(due, 1, (int)count);
  while (sqlite3_step(due) == SQLITE_ROW) {
    sequences[found++] = sqlite3_column_int64(due, 0);
    memcpy(event.id, sqlite3_column_text(due, 1), sizeof event.id);
    memcpy(event.key, sqlite3_column_text(due, 2), sizeof event.key);
    memcpy(event.payload, sqlite3_column_blob(due, 3), sizeof event.payload);
  }
  sqlite3_reset(due);
  for (unsigned index = 0; index < found; index++) {
    sqlite3_bind_int64(lease, 1, sequences[index]);
    sqlite3_bind_int64(lease, 2, (int64_t)time(NULL) + 120);
    step(lease);
  }
  if (found) {
    sqlite3_bind_int64(move, 1, sequences[found - 1]);
    step(move);
  }
  step(commit);
  if (found == 0) return 0;
  step(begin);
  for (unsigned index = 0; index < found; index++) {
    sqlite3_bind_int64(settle, 1, sequences[index]);
    step(settle);
  }
  step(commit);
  return found;
}

static void count(void *lane, uint64_t *stored, uint64_t *settled) {
  (void)lane;
  *stored = (uint64_t)number("SELECT count(*) FROM event");
  *settled = (uint64_t)number("SELECT (SELECT count(*) FROM event WHERE sequence <= (SELECT sequence FROM place)) - "
                              "(SELECT count(*) FROM lease)");
}

int main(int count_of_arguments, char **arguments) {
  if (count_of_arguments != 2) bench_fail("sqlite-peer", "FOLDER is needed");
  static const struct bench_peer sqlite = {open_database, append, work, count};
  return bench_drive(&sqlite, arguments[1], 1);
}
