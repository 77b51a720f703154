/* An SQLite file in one transaction: what fails first is kept, and nothing after it is done, so
 * that whoever writes asks once, at the end. SQLite's file format and locks:
 * https://www.sqlite.org/fileformat2.html, https://www.sqlite.org/lockingv3.html. For the index
 * alone: SQLite goes no further. */
#ifndef STORE_INDEX_DATABASE_H
#define STORE_INDEX_DATABASE_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>

#include "core/error.h"

struct database {
    sqlite3 *sqlite;
    char *path;
    const char *advice; /* what to do where the file cannot be the one; not owned */
    bool failed;
    struct error error; /* why, where it has failed */
};

/* Opens the file to write, making it where there is none, and begins the transaction; another
 * program that writes to it is waited for, up to ten minutes. False with a sentence, and then
 * nothing of the file has changed. Close it either way. */
bool database_open(struct database *database, const char *path, struct error *error);

/* The same for who names files by another option than --output: sentences end with his advice. */
bool database_open_advised(struct database *database, const char *path, const char *advice,
                           struct error *error);

/* Opens a file that is there to read, likewise. */
bool database_open_to_read(struct database *database, const char *path, struct error *error);

/* Keeps the sentence as the reason why it has failed, unless there is one already. */
void database_fail(struct database *database, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Carries out statements that give no rows. */
void database_run(struct database *database, const char *sql);

/* Prepares a statement; NULL where it has failed. sqlite3_finalize it. */
sqlite3_stmt *database_prepare(struct database *database, const char *sql);

/* Steps to the next row. False behind the last one and where it has failed; then the statement is
 * reset, and its parameters are no longer bound. */
bool database_next(struct database *database, sqlite3_stmt *statement);

/* Carries out a prepared statement that gives no rows. */
void database_do(struct database *database, sqlite3_stmt *statement);

/* The first number that a query gives; 0 where it gives none. */
int64_t database_number(struct database *database, const char *sql);

/* Bind parameter `at`, from 1. NULL, NAN and what is not finite are NULL; bytes of a text that are
 * no UTF-8 become '?', since other readers refuse such. Texts are copied. */
void database_bind_text(sqlite3_stmt *statement, int at, const char *text);
void database_bind_number(sqlite3_stmt *statement, int at, double number);

/* The text of column `at`, from 0, of the row; "" for NULL. The statement's, until it is stepped.
 */
const char *database_text(sqlite3_stmt *statement, int at);

/* Makes what was written stay. False with the sentence of what failed first: then all of it is
 * taken back. */
bool database_commit(struct database *database, struct error *error);

/* Closes it; what was not committed is taken back. A zeroed one is fine. */
void database_close(struct database *database);

/* The version of SQLite, for the record. */
const char *database_library(void);

#endif
