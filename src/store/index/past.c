#include "store/index/past.h"

#include <stdlib.h>

#include "core/file.h"
#include "core/memory.h"
#include "core/text.h"
#include "store/index/labels_condition.h"
#include "store/index/run_row.h"
#include "store/index/schema.h"

enum { FIRST_LABEL = 6 };

static sqlite3_stmt *prepare(struct database *database, const struct past_asked *asked,
                             const struct run_row *candidate)
{
    struct text sql = {0};
    sqlite3_stmt *statement;

    text_add_string(&sql,
                    "SELECT path FROM run WHERE state = ?1 AND row_set = ?2 AND endpoint IS ?3"
                    " AND started_utc < ?4");
    labels_add_condition(asked->labels, FIRST_LABEL, &sql);
    text_add_string(&sql, " ORDER BY started_utc DESC, path LIMIT ?5");
    statement = database_prepare(database, sql.bytes);
    database_bind_text(statement, 1, run_state_done);
    database_bind_text(statement, 2, candidate->row_set);
    database_bind_text(statement, 3, candidate->endpoint);
    database_bind_text(statement, 4, candidate->started_utc);
    sqlite3_bind_int64(statement, 5, (int64_t)asked->most);
    labels_bind(asked->labels, FIRST_LABEL, statement);
    text_clear(&sql);
    return statement;
}

static char **take(struct database *database, sqlite3_stmt *statement, const char *root,
                   size_t *count)
{
    char **paths = NULL;

    *count = 0;
    while (database_next(database, statement)) {
        paths = memory_grow(paths, *count, sizeof *paths);
        paths[(*count)++] = file_join(root, database_text(statement, 0));
    }
    for (size_t i = 0; i < *count / 2; i++) {
        char *path = paths[i];

        paths[i] = paths[*count - 1 - i];
        paths[*count - 1 - i] = path;
    }
    paths = memory_grow(paths, *count, sizeof *paths);
    paths[*count] = NULL;
    return paths;
}

static void free_all(char **paths)
{
    for (size_t i = 0; paths && paths[i]; i++)
        free(paths[i]);
    free(paths);
}

static char **find(const struct past_asked *asked, const struct run_row *candidate, size_t *count,
                   struct error *error)
{
    struct database database = {0};
    char **paths = NULL;
    bool done = database_open_to_read(&database, asked->file, error);

    if (done) {
        sqlite3_stmt *statement;

        schema_check(&database);
        statement = prepare(&database, asked, candidate);
        paths = take(&database, statement, asked->root, count);
        sqlite3_finalize(statement);
        done = database_commit(&database, error);
    }
    database_close(&database);
    if (done && *count == 0)
        done = error_set(
            error, "%s has no finished run from before %s with the same endpoint and rows%s",
            asked->root, asked->candidate, asked->labels->count > 0 ? ", and these labels" : "");
    if (done)
        return paths;
    free_all(paths);
    return NULL;
}

char **index_past_find(const struct past_asked *asked, size_t *count, struct error *error)
{
    struct results results = {0};
    struct run_row row = {0};
    char **paths = NULL;

    if (results_read_figures(asked->candidate, &results, error)) {
        run_row_fill(&row, asked->candidate, &results, false);
        if (row.started_utc && row.row_set)
            paths = find(asked, &row, count, error);
        else
            error_set(error, "%s: its manifest does not tell when it began, so no run came before",
                      asked->candidate);
        run_row_clear(&row);
    }
    results_clear(&results);
    return paths;
}
