#include "store/index/writer.h"

#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "store/index/request_row.h"
#include "store/name.h"
#include "store/step_figures.h"

static const char *const forget_sql[WRITER_FORGETS] = {
    "DELETE FROM request WHERE step IN (SELECT id FROM step WHERE run = ?)",
    "DELETE FROM switch WHERE step IN (SELECT id FROM step WHERE run = ?)",
    "DELETE FROM metric WHERE step IN (SELECT id FROM step WHERE run = ?)",
    "DELETE FROM step WHERE run = ?",
    "DELETE FROM label WHERE run = ?",
    "DELETE FROM run WHERE id = ?",
};

static const char path_of[] =
    "SELECT DISTINCT run.path FROM step JOIN run ON run.id = step.run WHERE ";

static sqlite3_stmt *prepare_path(struct database *database, const char *condition)
{
    char *sql = memory_printf("%s%s", path_of, condition);
    sqlite3_stmt *statement = database_prepare(database, sql);

    free(sql);
    return statement;
}

static void prepare_paths(struct writer *writer)
{
    struct database *database = writer->database;

    writer->path_of_uuid = prepare_path(database, "uuid = ?");
    writer->path_of_figures = prepare_path(database, "figures_digest = ?");
    writer->path_of_unnamed = prepare_path(database, "figures_digest = ? AND uuid IS NULL");
}

void writer_init(struct writer *writer, struct database *database, bool requests)
{
    struct text sql = {0};

    *writer = (struct writer){.database = database};
    step_writer_init(&writer->steps, database);
    switch_writer_init(&writer->switches, database);
    prepare_paths(writer);
    columns_add_insert(run_columns, "run", "id", 1, &sql);
    writer->run = database_prepare(database, sql.bytes);
    writer->label = database_prepare(database, "INSERT OR REPLACE INTO label VALUES(?,?,?)");
    writer->folder = database_prepare(database, "INSERT OR REPLACE INTO folder VALUES(?,?,?,?,?)");
    writer->request = requests ? request_row_prepare(database) : NULL;
    for (int i = requests ? 0 : 1; i < WRITER_FORGETS; i++)
        writer->forget[i] = database_prepare(database, forget_sql[i]);
    writer->forget_folder = database_prepare(database, "DELETE FROM folder WHERE path = ?");
    text_clear(&sql);
}

void writer_clear(struct writer *writer)
{
    step_writer_clear(&writer->steps);
    switch_writer_clear(&writer->switches);
    sqlite3_finalize(writer->request);
    sqlite3_finalize(writer->run);
    sqlite3_finalize(writer->label);
    sqlite3_finalize(writer->folder);
    sqlite3_finalize(writer->path_of_uuid);
    sqlite3_finalize(writer->path_of_figures);
    sqlite3_finalize(writer->path_of_unnamed);
    for (int i = 0; i < WRITER_FORGETS; i++)
        sqlite3_finalize(writer->forget[i]);
    sqlite3_finalize(writer->forget_folder);
    *writer = (struct writer){0};
}

void writer_add_folder(struct writer *writer, const struct writer_folder *folder)
{
    char id[RUN_ID + 1];

    run_id(folder->path, id);
    database_bind_text(writer->folder, 1, folder->path);
    database_bind_text(writer->folder, 2, id);
    database_bind_text(writer->folder, 3, folder->stamp);
    database_bind_text(writer->folder, 4, folder->copy_of);
    database_bind_text(writer->folder, 5, folder->problem);
    database_do(writer->database, writer->folder);
}

static void add_labels(struct writer *writer, const char *id,
                       const struct manifest_content *manifest)
{
    static const char prefix[] = "settings.labels.";

    for (size_t i = 0; i < manifest->facts; i++) {
        if (strncmp(manifest->fact[i].key, prefix, strlen(prefix)) != 0)
            continue;
        database_bind_text(writer->label, 1, id);
        database_bind_text(writer->label, 2, manifest->fact[i].key + strlen(prefix));
        database_bind_text(writer->label, 3, manifest->fact[i].value);
        database_do(writer->database, writer->label);
    }
}

/* The first fault is the one to tell of. */
static bool add_steps(struct writer *writer, const char *run, const struct results *results,
                      struct error *error)
{
    bool whole = true;

    for (size_t i = 0; i < results->count; i++) {
        const struct step *step = &results->step[i];
        int64_t id = step_writer_add(&writer->steps, writer->database, run, step);

        if (writer->request && whole)
            whole = request_row_add_step(writer->request, writer->database, id, results->folder,
                                         step->name, error);
    }
    return whole;
}

bool writer_add_run(struct writer *writer, const char *path, const struct results *results,
                    bool locked, struct error *error)
{
    struct run_row row;
    char id[RUN_ID + 1];
    struct error other;
    bool whole;

    run_id(path, id);
    run_row_fill(&row, path, results, locked);
    database_bind_text(writer->run, 1, id);
    columns_bind(run_columns, writer->run, 2, &row);
    database_do(writer->database, writer->run);
    run_row_clear(&row);
    add_labels(writer, id, &results->manifest);
    whole = add_steps(writer, id, results, error);
    return switch_writer_add(&writer->switches, writer->database, id, results->folder,
                             whole ? error : &other) &&
           whole;
}

static bool has_path(char **paths, size_t count, const char *path)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(paths[i], path) == 0)
            return true;
    }
    return false;
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* A statement that gives paths, and those it has given, each once. */
struct paths {
    char **path;
    size_t count;
};

static void find_paths(struct writer *writer, sqlite3_stmt *statement, const char *mark, int length,
                       struct paths *paths)
{
    sqlite3_bind_text(statement, 1, mark, length, SQLITE_TRANSIENT);
    while (database_next(writer->database, statement)) {
        const char *path = database_text(statement, 0);

        if (has_path(paths->path, paths->count, path))
            continue;
        paths->path = memory_grow(paths->path, paths->count, sizeof *paths->path);
        paths->path[paths->count++] = memory_text(path);
    }
}

char **writer_find_runs(struct writer *writer, const struct results *results, size_t *count)
{
    struct paths paths = {0};

    for (size_t i = 0; i < results->count; i++) {
        const char *uuid = name_uuid(results->step[i].name);
        char figures[STEP_FIGURES + 1];

        step_figures_digest(&results->step[i], figures);
        if (uuid)
            find_paths(writer, writer->path_of_uuid, uuid, NAME_UUID, &paths);
        find_paths(writer, uuid ? writer->path_of_unnamed : writer->path_of_figures, figures,
                   STEP_FIGURES, &paths);
    }
    if (paths.count > 1)
        qsort(paths.path, paths.count, sizeof *paths.path, by_text);
    *count = paths.count;
    return paths.path;
}

void writer_forget_run(struct writer *writer, const char *path)
{
    char id[RUN_ID + 1];

    run_id(path, id);
    for (int i = 0; i < WRITER_FORGETS; i++) {
        if (!writer->forget[i])
            continue;
        database_bind_text(writer->forget[i], 1, id);
        database_do(writer->database, writer->forget[i]);
    }
}

void writer_forget_folder(struct writer *writer, const char *path)
{
    writer_forget_run(writer, path);
    database_bind_text(writer->forget_folder, 1, path);
    database_do(writer->database, writer->forget_folder);
}
