#include "store/index/writer.h"

#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "store/name.h"

enum { FORGETS = 4 };

static const char *const forget_sql[FORGETS] = {
    "DELETE FROM metric WHERE step IN (SELECT id FROM step WHERE run = ?)",
    "DELETE FROM step WHERE run = ?",
    "DELETE FROM label WHERE run = ?",
    "DELETE FROM run WHERE id = ?",
};

void writer_init(struct writer *writer, struct database *database)
{
    struct text sql = {0};

    *writer = (struct writer){.database = database};
    step_writer_init(&writer->steps, database);
    columns_add_insert(run_columns, "run", "id", 1, &sql);
    writer->run = database_prepare(database, sql.bytes);
    writer->label = database_prepare(database, "INSERT OR REPLACE INTO label VALUES(?,?,?)");
    writer->folder = database_prepare(database, "INSERT OR REPLACE INTO folder VALUES(?,?,?,?,?)");
    writer->path_of_step = database_prepare(
        database, "SELECT DISTINCT run.path FROM step JOIN run ON run.id = step.run WHERE uuid=?");
    for (int i = 0; i < FORGETS; i++)
        writer->forget[i] = database_prepare(database, forget_sql[i]);
    writer->forget_folder = database_prepare(database, "DELETE FROM folder WHERE path = ?");
    text_clear(&sql);
}

void writer_clear(struct writer *writer)
{
    step_writer_clear(&writer->steps);
    sqlite3_finalize(writer->run);
    sqlite3_finalize(writer->label);
    sqlite3_finalize(writer->folder);
    sqlite3_finalize(writer->path_of_step);
    for (int i = 0; i < FORGETS; i++)
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

void writer_add_run(struct writer *writer, const char *path, const struct results *results,
                    bool locked)
{
    struct run_row row;
    char id[RUN_ID + 1];

    run_id(path, id);
    run_row_fill(&row, path, results, locked);
    database_bind_text(writer->run, 1, id);
    columns_bind(run_columns, writer->run, 2, &row);
    database_do(writer->database, writer->run);
    run_row_clear(&row);
    add_labels(writer, id, &results->manifest);
    for (size_t i = 0; i < results->count; i++)
        step_writer_add(&writer->steps, writer->database, id, &results->step[i]);
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

char **writer_find_runs(struct writer *writer, const struct results *results, size_t *count)
{
    char **paths = NULL;

    *count = 0;
    for (size_t i = 0; i < results->count; i++) {
        const char *uuid = name_uuid(results->step[i].name);

        if (!uuid)
            continue;
        sqlite3_bind_text(writer->path_of_step, 1, uuid, NAME_UUID, SQLITE_TRANSIENT);
        while (database_next(writer->database, writer->path_of_step)) {
            const char *path = database_text(writer->path_of_step, 0);

            if (has_path(paths, *count, path))
                continue;
            paths = memory_grow(paths, *count, sizeof *paths);
            paths[(*count)++] = memory_text(path);
        }
    }
    if (*count > 1)
        qsort(paths, *count, sizeof *paths, by_text);
    return paths;
}

void writer_forget_run(struct writer *writer, const char *path)
{
    char id[RUN_ID + 1];

    run_id(path, id);
    for (int i = 0; i < FORGETS; i++) {
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
