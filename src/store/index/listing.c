#include "store/index/listing.h"

#include <stdlib.h>
#include <string.h>

#include "core/file.h"
#include "core/memory.h"
#include "core/text.h"
#include "store/index/database.h"
#include "store/index/schema.h"
#include "store/index/update.h"

/* Parameters of the statements. */
enum { AT_ID = 1, AT_SEARCH, AT_LABEL, AT_VALUE, AT_MODEL, AT_VERDICT, AT_MOST, AT_FIRST };

/* Of a parameter that is NULL anything is fine. */
static const char condition[] =
    " FROM run WHERE (?1 IS NULL OR id = ?1)"
    " AND (?2 IS NULL OR instr(lower(name), lower(?2))"
    "  OR EXISTS (SELECT 1 FROM label WHERE run = id AND instr(lower(value), lower(?2)))"
    "  OR EXISTS (SELECT 1 FROM step WHERE run = run.id AND instr(lower(model), lower(?2))))"
    " AND (?3 IS NULL OR EXISTS (SELECT 1 FROM label WHERE run = id AND name = ?3"
    "  AND (?4 IS NULL OR value = ?4)))"
    " AND (?5 IS NULL OR EXISTS (SELECT 1 FROM step WHERE run = run.id AND model = ?5))"
    " AND (?6 IS NULL OR instr(measurement_verdict, ?6) = 1)";

static const char columns[] =
    "SELECT id, path, name, state, started_utc, endpoint, measurement_verdict, steps_planned,"
    " steps, num_completed_requests, number_errors";

static const char order[] =
    " ORDER BY started_utc IS NULL, started_utc DESC, path LIMIT ?7 OFFSET ?8";

static const char *or_null(const char *text)
{
    return text && *text ? text : NULL;
}

static void bind(sqlite3_stmt *statement, const struct listing_query *query)
{
    char *label = memory_text(or_null(query->label)), *value = label ? strchr(label, '=') : NULL;

    if (value)
        *value++ = '\0';
    database_bind_text(statement, AT_ID, or_null(query->id));
    database_bind_text(statement, AT_SEARCH, or_null(query->search));
    database_bind_text(statement, AT_LABEL, label);
    database_bind_text(statement, AT_VALUE, value);
    database_bind_text(statement, AT_MODEL, or_null(query->model));
    database_bind_text(statement, AT_VERDICT, or_null(query->verdict));
    free(label);
}

static sqlite3_stmt *prepare(struct database *database, const char *select, const char *tail,
                             const struct listing_query *query)
{
    struct text sql = {0};
    sqlite3_stmt *statement;

    text_add_string(&sql, select);
    text_add_string(&sql, condition);
    text_add_string(&sql, tail);
    statement = database_prepare(database, sql.bytes);
    if (statement)
        bind(statement, query);
    text_clear(&sql);
    return statement;
}

static size_t size_at(sqlite3_stmt *statement, int at)
{
    return (size_t)sqlite3_column_int64(statement, at);
}

static struct listing_run take_run(sqlite3_stmt *statement)
{
    return (struct listing_run){.id = memory_text(database_text(statement, 0)),
                                .path = memory_text(database_text(statement, 1)),
                                .name = memory_text(database_text(statement, 2)),
                                .state = memory_text(database_text(statement, 3)),
                                .started_utc = memory_text(database_text(statement, 4)),
                                .endpoint = memory_text(database_text(statement, 5)),
                                .measurement_verdict = memory_text(database_text(statement, 6)),
                                .planned = size_at(statement, 7),
                                .steps = size_at(statement, 8),
                                .completed = size_at(statement, 9),
                                .errors = size_at(statement, 10)};
}

static void add_models(struct database *database, struct listing_run *run)
{
    sqlite3_stmt *statement =
        database_prepare(database, "SELECT model FROM step WHERE run = ? AND model IS NOT NULL "
                                   "GROUP BY model ORDER BY min(step_index)");

    database_bind_text(statement, 1, run->id);
    while (database_next(database, statement)) {
        run->model = memory_grow(run->model, run->models, sizeof *run->model);
        run->model[run->models++] = memory_text(database_text(statement, 0));
    }
    sqlite3_finalize(statement);
}

static void add_labels(struct database *database, struct listing_run *run)
{
    sqlite3_stmt *statement =
        database_prepare(database, "SELECT name, value FROM label WHERE run = ? ORDER BY name");

    database_bind_text(statement, 1, run->id);
    while (database_next(database, statement)) {
        run->label = memory_grow(run->label, run->labels, sizeof *run->label);
        run->label[run->labels++] =
            (struct listing_label){.name = memory_text(database_text(statement, 0)),
                                   .value = memory_text(database_text(statement, 1))};
    }
    sqlite3_finalize(statement);
}

static void read_runs(struct database *database, const struct listing_query *query,
                      struct listing *listing)
{
    sqlite3_stmt *counted = prepare(database, "SELECT count(*)", "", query);
    sqlite3_stmt *found = prepare(database, columns, order, query);

    if (database_next(database, counted))
        listing->total = size_at(counted, 0);
    if (found) {
        sqlite3_bind_int64(found, AT_MOST, (int64_t)query->most);
        sqlite3_bind_int64(found, AT_FIRST, (int64_t)query->first);
    }
    while (database_next(database, found)) {
        listing->run = memory_grow(listing->run, listing->count, sizeof *listing->run);
        listing->run[listing->count++] = take_run(found);
    }
    sqlite3_finalize(counted);
    sqlite3_finalize(found);
    for (size_t i = 0; i < listing->count; i++) {
        add_models(database, &listing->run[i]);
        add_labels(database, &listing->run[i]);
    }
}

bool listing_read(const char *root, const struct listing_query *query, struct listing *listing,
                  struct error *error)
{
    struct database database;
    char *path = file_join(root, index_file_name);
    bool read;

    *listing = (struct listing){0};
    read = database_open_to_read(&database, path, error);
    if (read) {
        schema_check(&database);
        read_runs(&database, query, listing);
        read = !database.failed;
        if (!read)
            *error = database.error;
    }
    database_close(&database);
    free(path);
    return read;
}

static void clear_run(struct listing_run *run)
{
    for (size_t i = 0; i < run->models; i++)
        free(run->model[i]);
    for (size_t i = 0; i < run->labels; i++) {
        free(run->label[i].name);
        free(run->label[i].value);
    }
    free(run->model);
    free(run->label);
    free(run->id);
    free(run->path);
    free(run->name);
    free(run->state);
    free(run->started_utc);
    free(run->endpoint);
    free(run->measurement_verdict);
}

void listing_clear(struct listing *listing)
{
    for (size_t i = 0; i < listing->count; i++)
        clear_run(&listing->run[i]);
    free(listing->run);
    *listing = (struct listing){0};
}
