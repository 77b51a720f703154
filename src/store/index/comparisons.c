#include "store/index/comparisons.h"

#include <stdlib.h>
#include <string.h>

#include "core/file.h"
#include "core/memory.h"
#include "store/index/comparison_row.h"

enum { FORGETS = 3 };

static const char *const forget_sql[FORGETS] = {
    "DELETE FROM comparison_line WHERE comparison = ?",
    "DELETE FROM comparison_run WHERE comparison = ?",
    "DELETE FROM comparison WHERE id = ?",
};

struct updating {
    struct database *database;
    const struct scan *scan;
    bool *known; /* of each that was found: it stands in the index as it does there */
};

static int by_path(const void *path, const void *file)
{
    return strcmp(path, ((const struct scan_file *)file)->path);
}

static bool stays(const struct updating *updating, const char *path, const char *stamp)
{
    const struct scan *scan = updating->scan;
    const struct scan_file *found =
        scan->comparisons > 0
            ? bsearch(path, scan->comparison, scan->comparisons, sizeof *scan->comparison, by_path)
            : NULL;

    if (!found)
        return scan_cannot_tell(scan, path);
    updating->known[found - scan->comparison] = *stamp && strcmp(found->stamp, stamp) == 0;
    return updating->known[found - scan->comparison];
}

/* The numbers of those that have gone or changed; free the list. */
static int64_t *list_stale(const struct updating *updating, size_t *count)
{
    sqlite3_stmt *all =
        database_prepare(updating->database, "SELECT id, path, stamp FROM comparison");
    int64_t *stale = NULL;

    *count = 0;
    while (database_next(updating->database, all)) {
        if (stays(updating, database_text(all, 1), database_text(all, 2)))
            continue;
        stale = memory_grow(stale, *count, sizeof *stale);
        stale[(*count)++] = sqlite3_column_int64(all, 0);
    }
    sqlite3_finalize(all);
    return stale;
}

static void forget(struct database *database, const int64_t *id, size_t count)
{
    for (int i = 0; i < FORGETS; i++) {
        sqlite3_stmt *statement = database_prepare(database, forget_sql[i]);

        for (size_t at = 0; at < count && statement; at++) {
            sqlite3_bind_int64(statement, 1, id[at]);
            database_do(database, statement);
        }
        sqlite3_finalize(statement);
    }
}

static void read_new(const struct updating *updating, const char *root, struct faults *problems)
{
    struct comparison_writer writer;

    comparison_writer_init(&writer, updating->database);
    for (size_t i = 0; i < updating->scan->comparisons; i++) {
        const struct scan_file *file = &updating->scan->comparison[i];
        char *whole = file_join(root, file->path);
        struct error error;

        if (!updating->known[i] && !comparison_writer_add(&writer, updating->database, file->path,
                                                          file->stamp, whole, &error))
            faults_add(problems, NULL, 0, "%s", error.text);
        free(whole);
    }
    comparison_writer_clear(&writer);
}

void comparisons_update(struct database *database, const char *root, const struct scan *scan,
                        struct faults *problems)
{
    struct updating updating = {database, scan, memory_new(scan->comparisons, sizeof(bool))};
    size_t count;
    int64_t *stale = list_stale(&updating, &count);

    forget(database, stale, count);
    read_new(&updating, root, problems);
    free(stale);
    free(updating.known);
}
