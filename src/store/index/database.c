#include "store/index/database.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/clean.h"
#include "core/file.h"
#include "core/memory.h"

static const char usual_advice[] = "name another file with --output";

enum { WAIT_MOST_MS = 600 * 1000, CACHE_KIB = 64 * 1024 };

void database_fail(struct database *database, const char *format, ...)
{
    va_list arguments;

    if (database->failed)
        return;
    database->failed = true;
    va_start(arguments, format);
    vsnprintf(database->error.text, sizeof database->error.text, format, arguments);
    va_end(arguments);
}

/* Why nothing can be made in the file's folder; `otherwise` where that is not why. */
static int why_not_in_folder(const char *path, int otherwise)
{
    char *folder = file_folder(path);
    int why = faccessat(AT_FDCWD, folder, W_OK, AT_EACCESS) != 0 ? errno : otherwise;

    free(folder);
    return why;
}

/* Why the system refused, as far as SQLite has kept it: it looks for a file that it may not make.
 */
static const char *why_refused(struct database *database)
{
    int why = sqlite3_system_errno(database->sqlite);

    if (why == 0)
        sqlite3_file_control(database->sqlite, "main", SQLITE_FCNTL_LAST_ERRNO, &why);
    if (why == 0 || why == ENOENT)
        why = why_not_in_folder(database->path, why);
    return why ? strerror(why) : sqlite3_errmsg(database->sqlite);
}

/* What SQLite could not do with the file. */
static void fail_by_code(struct database *database, int code)
{
    const char *path = database->path, *advice = database->advice;

    switch (code & 0xff) {
    case SQLITE_NOTADB:
        database_fail(database, "%s: is no SQLite database; %s", path, advice);
        break;
    case SQLITE_CORRUPT:
        database_fail(database, "%s: is damaged; remove it, and index again", path);
        break;
    case SQLITE_BUSY:
        database_fail(database, "%s: another program has it locked; wait for its end", path);
        break;
    case SQLITE_FULL:
        database_fail(database, "%s: cannot be written: the disk is full", path);
        break;
    case SQLITE_PERM:
    case SQLITE_READONLY:
    case SQLITE_IOERR:
    case SQLITE_CANTOPEN:
        database_fail(database, "%s: cannot be written: %s; %s", path, why_refused(database),
                      advice);
        break;
    default:
        database_fail(database, "%s: %s", path, sqlite3_errmsg(database->sqlite));
    }
}

void database_run(struct database *database, const char *sql)
{
    int code = database->failed ? SQLITE_OK : sqlite3_exec(database->sqlite, sql, NULL, NULL, NULL);

    if (code != SQLITE_OK)
        fail_by_code(database, code);
}

sqlite3_stmt *database_prepare(struct database *database, const char *sql)
{
    sqlite3_stmt *statement = NULL;
    int code = database->failed ? SQLITE_OK
                                : sqlite3_prepare_v2(database->sqlite, sql, -1, &statement, NULL);

    if (code != SQLITE_OK)
        fail_by_code(database, code);
    return statement;
}

bool database_next(struct database *database, sqlite3_stmt *statement)
{
    int code = database->failed ? SQLITE_DONE : sqlite3_step(statement);

    if (code == SQLITE_ROW)
        return true;
    if (code != SQLITE_DONE)
        fail_by_code(database, code);
    if (statement) {
        sqlite3_reset(statement);
        sqlite3_clear_bindings(statement);
    }
    return false;
}

void database_do(struct database *database, sqlite3_stmt *statement)
{
    while (database_next(database, statement))
        continue;
}

int64_t database_number(struct database *database, const char *sql)
{
    sqlite3_stmt *statement = database_prepare(database, sql);
    int64_t number = database_next(database, statement) ? sqlite3_column_int64(statement, 0) : 0;

    sqlite3_finalize(statement);
    return number;
}

void database_bind_text(sqlite3_stmt *statement, int at, const char *text)
{
    if (text)
        sqlite3_bind_text(statement, at, clean_copy(text, CLEAN_LINES), -1, free);
}

void database_bind_number(sqlite3_stmt *statement, int at, double number)
{
    if (isfinite(number))
        sqlite3_bind_double(statement, at, number);
}

const char *database_text(sqlite3_stmt *statement, int at)
{
    const unsigned char *text = sqlite3_column_text(statement, at);

    return text ? (const char *)text : "";
}

/* SQLite would wait for a FIFO. */
static bool may_be_database(const char *path, bool make, struct error *error)
{
    struct stat about;

    if (stat(path, &about) != 0)
        return (make && errno == ENOENT) ||
               error_set(error, "%s: cannot be opened: %s", path, strerror(errno));
    return S_ISREG(about.st_mode) ||
           error_set(error, "%s: is not a regular file, as an index must be", path);
}

static bool open_as(struct database *database, const char *path, int flags, const char *advice,
                    struct error *error)
{
    int code;

    *database = (struct database){.advice = advice};
    if (!may_be_database(path, flags & SQLITE_OPEN_CREATE, error))
        return false;
    database->path = memory_text(path);
    code = sqlite3_open_v2(path, &database->sqlite, flags, NULL);
    if (code != SQLITE_OK)
        fail_by_code(database, code);
    sqlite3_busy_timeout(database->sqlite, WAIT_MOST_MS);
    sqlite3_extended_result_codes(database->sqlite, 1);
    return true;
}

static bool opened(const struct database *database, struct error *error)
{
    if (database->failed)
        *error = database->error;
    return !database->failed;
}

/* SQLite opens a file that may only be read without a word. */
bool database_open_advised(struct database *database, const char *path, const char *advice,
                           struct error *error)
{
    char cache[64];

    if (!open_as(database, path, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, advice, error))
        return false;
    if (!database->failed && sqlite3_db_readonly(database->sqlite, "main") == 1)
        database_fail(database, "%s: may only be read; %s", path, advice);
    snprintf(cache, sizeof cache, "PRAGMA cache_size = -%d", CACHE_KIB);
    database_run(database, cache);
    database_run(database, "PRAGMA temp_store = MEMORY");
    database_run(database, "BEGIN IMMEDIATE");
    return opened(database, error);
}

bool database_open(struct database *database, const char *path, struct error *error)
{
    return database_open_advised(database, path, usual_advice, error);
}

bool database_open_to_read(struct database *database, const char *path, struct error *error)
{
    if (!open_as(database, path, SQLITE_OPEN_READONLY, usual_advice, error))
        return false;
    database_run(database, "BEGIN");
    return opened(database, error);
}

bool database_commit(struct database *database, struct error *error)
{
    database_run(database, "COMMIT");
    return opened(database, error);
}

void database_close(struct database *database)
{
    sqlite3_close(database->sqlite);
    free(database->path);
    *database = (struct database){0};
}

const char *database_library(void)
{
    return sqlite3_libversion();
}
