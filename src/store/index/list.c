#include "store/index/list.h"

#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "core/text.h"
#include "store/index/run_row.h"
#include "store/index/schema.h"

void index_id_of(const char *path, char id[INDEX_ID])
{
    run_id(path, id);
}

/* Of both statements. A label's name is ?2, its value ?3. */
static const char condition[] =
    " FROM run WHERE"
    " (?1 IS NULL OR instr(lower(path), lower(?1)) > 0"
    "  OR EXISTS (SELECT 1 FROM label WHERE run = run.id AND instr(lower(value), lower(?1)) > 0)"
    "  OR EXISTS (SELECT 1 FROM step WHERE run = run.id AND instr(lower(model), lower(?1)) > 0))"
    " AND (?2 IS NULL OR EXISTS (SELECT 1 FROM label WHERE run = run.id AND name = ?2"
    "                            AND (?3 IS NULL OR value = ?3)))"
    " AND (?4 IS NULL OR EXISTS (SELECT 1 FROM step WHERE run = run.id AND model = ?4))"
    " AND (?5 IS NULL OR substr(measurement_verdict, 1, length(?5)) = ?5)"
    " AND (?6 IS NULL OR id = ?6)"
    " AND (?9 IS NULL OR state = ?9)";

static const char columns[] =
    "SELECT id, path, run.name, state, started_utc, endpoint, measurement_verdict,"
    " (SELECT group_concat(model, ', ') FROM"
    "   (SELECT DISTINCT model FROM step WHERE run = run.id ORDER BY model)),"
    " (SELECT group_concat(name || '=' || value, ', ') FROM"
    "   (SELECT name, value FROM label WHERE run = run.id ORDER BY name)),"
    " (SELECT json_group_array(model) FROM"
    "   (SELECT DISTINCT model FROM step WHERE run = run.id AND model IS NOT NULL ORDER BY model)),"
    " (SELECT json_group_object(name, value) FROM"
    "   (SELECT name, value FROM label WHERE run = run.id ORDER BY name)),"
    " steps, steps_planned, num_requests_started, num_completed_requests, number_errors";

static sqlite3_stmt *prepare(struct database *database, const char *what, const char *rest,
                             const struct index_wanted *wanted)
{
    char *sql = memory_printf("%s%s%s", what, condition, rest);
    sqlite3_stmt *statement = database_prepare(database, sql);
    const char *equals = wanted->label ? strchr(wanted->label, '=') : NULL;
    char *name = equals ? memory_bytes(wanted->label, (size_t)(equals - wanted->label))
                        : memory_text(wanted->label);

    database_bind_text(statement, 1, wanted->search);
    database_bind_text(statement, 2, name);
    database_bind_text(statement, 3, equals ? equals + 1 : NULL);
    database_bind_text(statement, 4, wanted->model);
    database_bind_text(statement, 5, wanted->verdict);
    database_bind_text(statement, 6, wanted->id);
    database_bind_text(statement, 9, wanted->running ? run_state_running : NULL);
    free(name);
    free(sql);
    return statement;
}

enum { TEXTS = 11 };

static void take_run(struct index_list *list, sqlite3_stmt *statement)
{
    struct index_listed *run;
    char **texts[TEXTS];
    size_t *counts[5];

    list->run = memory_grow(list->run, list->count, sizeof *list->run);
    run = &list->run[list->count++];
    *run = (struct index_listed){0};
    memcpy(texts,
           (char **[]){&run->id, &run->path, &run->name, &run->state, &run->started_utc,
                       &run->endpoint, &run->measurement_verdict, &run->models, &run->labels,
                       &run->models_json, &run->labels_json},
           sizeof texts);
    memcpy(counts,
           (size_t *[]){&run->steps, &run->steps_planned, &run->num_requests_started,
                        &run->num_completed_requests, &run->number_errors},
           sizeof counts);
    for (int i = 0; i < TEXTS; i++)
        *texts[i] = memory_text(database_text(statement, i));
    for (int i = 0; i < 5; i++)
        *counts[i] = (size_t)sqlite3_column_int64(statement, TEXTS + i);
}

static void count_all(struct database *database, const struct index_wanted *wanted,
                      struct index_list *list)
{
    sqlite3_stmt *statement = prepare(database, "SELECT count(*)", "", wanted);

    if (database_next(database, statement))
        list->total = (size_t)sqlite3_column_int64(statement, 0);
    sqlite3_finalize(statement);
}

static void read_page(struct database *database, const struct index_wanted *wanted,
                      struct index_list *list)
{
    sqlite3_stmt *statement =
        prepare(database, columns, " ORDER BY started_utc DESC, path LIMIT ?7 OFFSET ?8", wanted);
    size_t before = wanted->page > 1 ? wanted->page - 1 : 0;
    int64_t offset = INT64_MAX;

    if (wanted->per_page == 0)
        offset = before == 0 ? 0 : INT64_MAX;
    else if (before <= (size_t)INT64_MAX / wanted->per_page)
        offset = (int64_t)(before * wanted->per_page);
    sqlite3_bind_int64(statement, 7, wanted->per_page > 0 ? (int64_t)wanted->per_page : -1);
    sqlite3_bind_int64(statement, 8, offset);
    while (database_next(database, statement))
        take_run(list, statement);
    sqlite3_finalize(statement);
}

bool index_list_read(const char *file, const struct index_wanted *wanted, struct index_list *list,
                     struct error *error)
{
    struct database database = {0};
    bool done = database_open_to_read(&database, file, error);

    *list = (struct index_list){0};
    if (done) {
        schema_check(&database);
        count_all(&database, wanted, list);
        read_page(&database, wanted, list);
        done = database_commit(&database, error);
    }
    database_close(&database);
    return done;
}

void index_list_clear(struct index_list *list)
{
    for (size_t i = 0; i < list->count; i++) {
        struct index_listed *run = &list->run[i];

        free(run->id);
        free(run->path);
        free(run->name);
        free(run->state);
        free(run->started_utc);
        free(run->endpoint);
        free(run->measurement_verdict);
        free(run->models);
        free(run->labels);
        free(run->models_json);
        free(run->labels_json);
    }
    free(list->run);
    *list = (struct index_list){0};
}
