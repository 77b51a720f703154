#include "store/index/update.h"

#include <stdlib.h>
#include <string.h>

#include "core/file.h"
#include "core/memory.h"
#include "store/index/comparisons.h"
#include "store/index/scan.h"
#include "store/index/schema.h"
#include "store/index/writer.h"
#include "store/journal.h"

const char index_file_name[] = ".coebench-index.sqlite";

/* A run directory that was found, or that the index knows. */
struct entry {
    char *path;
    const char *stamp; /* as which it stands there; NULL: it has gone */
    char *known_stamp; /* as which the index knows it; NULL: it does not */
    char *state;       /* of its run in the index; NULL: none */
    char *copy_of, *problem;
    bool stale; /* is to be read */
};

struct updating {
    const struct index_asked *asked;
    struct index_made *made;
    struct database *database;
    struct writer writer;
    struct scan scan;
    struct entry *entry; /* as their paths sort */
    size_t count;
    bool copies; /* the index knows some */
};

static void set_text(char **text, const char *to)
{
    free(*text);
    *text = to ? memory_text(to) : NULL;
}

/* --- What the index knows, beside what is there ----------------------------------------------- */

static const char *column(sqlite3_stmt *statement, int at)
{
    return (const char *)sqlite3_column_text(statement, at);
}

static struct entry *add_entry(struct updating *updating, const char *path)
{
    struct entry *entry;

    updating->entry = memory_grow(updating->entry, updating->count, sizeof *updating->entry);
    entry = &updating->entry[updating->count++];
    *entry = (struct entry){.path = memory_text(path)};
    return entry;
}

static void take_known(struct updating *updating, struct entry *entry, sqlite3_stmt *known)
{
    set_text(&entry->known_stamp, column(known, 1));
    set_text(&entry->state, column(known, 2));
    set_text(&entry->copy_of, column(known, 3));
    set_text(&entry->problem, column(known, 4));
    updating->copies |= entry->copy_of != NULL;
}

/* Both lists go by path. */
static void list_entries(struct updating *updating)
{
    const struct scan *scan = &updating->scan;
    sqlite3_stmt *known = database_prepare(
        updating->database, "SELECT folder.path, stamp, state, copy_of, problem FROM folder "
                            "LEFT JOIN run ON run.id = folder.id ORDER BY folder.path");
    bool more = database_next(updating->database, known);
    size_t at = 0;

    while (more || at < scan->count) {
        const char *path = more ? column(known, 0) : NULL;
        int order = !more ? 1 : at == scan->count ? -1 : strcmp(path, scan->folder[at].path);
        struct entry *entry = add_entry(updating, order <= 0 ? path : scan->folder[at].path);

        if (order >= 0)
            entry->stamp = scan->folder[at++].stamp;
        if (order <= 0) {
            take_known(updating, entry, known);
            more = database_next(updating->database, known);
        }
    }
    sqlite3_finalize(known);
}

static char *folder_of(const struct updating *updating, const struct entry *entry)
{
    return file_join(updating->asked->root, entry->path);
}

/* A run that was cut off leaves its manifest as it was, and so does one that was resumed until it
 * writes. */
static bool runs_otherwise(const struct updating *updating, const struct entry *entry)
{
    char *folder;
    bool locked;

    if (!entry->state || strcmp(entry->state, run_state_done) == 0)
        return false;
    folder = folder_of(updating, entry);
    locked = journal_is_locked(folder);
    free(folder);
    return locked != (strcmp(entry->state, run_state_running) == 0);
}

static void mark_stale(struct updating *updating)
{
    for (size_t i = 0; i < updating->count; i++) {
        struct entry *entry = &updating->entry[i];

        entry->stale = entry->stamp && (!entry->known_stamp || !*entry->stamp ||
                                        strcmp(entry->stamp, entry->known_stamp) != 0 ||
                                        runs_otherwise(updating, entry));
    }
}

/* --- Taking out ------------------------------------------------------------------------------- */

/* The run that stands in the index for what they are is gone: they may be runs themselves. */
static void mark_copies_of(struct updating *updating, const char *path)
{
    for (size_t i = 0; i < updating->count && updating->copies; i++) {
        struct entry *entry = &updating->entry[i];

        if (entry->stamp && entry->copy_of && strcmp(entry->copy_of, path) == 0)
            entry->stale = true;
    }
}

static void remove_gone(struct updating *updating)
{
    for (size_t i = 0; i < updating->count; i++) {
        struct entry *entry = &updating->entry[i];

        if (entry->stamp || scan_cannot_tell(&updating->scan, entry->path))
            continue;
        writer_forget_folder(&updating->writer, entry->path);
        mark_copies_of(updating, entry->path);
        updating->made->removed++;
        set_text(&entry->problem, NULL);
        set_text(&entry->copy_of, NULL);
    }
}

/* --- Reading ---------------------------------------------------------------------------------- */

static void write_folder(struct updating *updating, const struct entry *entry)
{
    /* What is broken may be mended in a place that the stamp does not tell of. */
    const struct writer_folder folder = {.path = entry->path,
                                         .stamp = entry->problem ? "" : entry->stamp,
                                         .copy_of = entry->copy_of,
                                         .problem = entry->problem};

    writer_add_folder(&updating->writer, &folder);
}

static struct entry *find_entry(struct updating *updating, const char *path)
{
    for (size_t i = 0; i < updating->count; i++) {
        if (strcmp(updating->entry[i].path, path) == 0)
            return &updating->entry[i];
    }
    return NULL;
}

/* A run behind it in order has the same steps: that one is the copy. Its own copies are looked at
 * again, and stand behind it. */
static void demote(struct updating *updating, const char *path, const struct entry *original)
{
    struct entry *copy = find_entry(updating, path);

    writer_forget_run(&updating->writer, path);
    mark_copies_of(updating, path);
    if (!copy || !copy->stamp)
        return;
    set_text(&copy->copy_of, original->path);
    updating->copies = true;
    write_folder(updating, copy);
}

/* Whether it is a copy of a run before it; a run behind it is made the copy. Entries are read as
 * they sort, so that an update comes to the same as an index made anew. */
static bool is_copy(struct updating *updating, struct entry *entry, const struct results *results)
{
    size_t count;
    char **paths = writer_find_runs(&updating->writer, results, &count);
    bool is = count > 0 && strcmp(paths[0], entry->path) < 0;

    if (is)
        set_text(&entry->copy_of, paths[0]);
    for (size_t i = 0; i < count; i++) {
        if (!is)
            demote(updating, paths[i], entry);
        free(paths[i]);
    }
    free(paths);
    updating->copies |= is;
    return is;
}

/* Of a run that cannot be read, or not whole, the first reason. */
static void note_losses(struct entry *entry, const struct results *results)
{
    size_t more = results->losses - 1;

    free(entry->problem);
    entry->problem = more > 0 ? memory_printf("%s (and %zu more step%s of it)",
                                              results->loss[0].why, more, more == 1 ? "" : "s")
                              : memory_text(results->loss[0].why);
}

static void take_results(struct updating *updating, struct entry *entry,
                         const struct results *results, bool locked)
{
    struct faults *notes = &updating->made->notes;
    struct error error;

    for (size_t i = 0; i < results->warnings.count; i++)
        faults_add(notes, NULL, 0, "%s", results->warnings.text[i]);
    if (results->losses > 0)
        note_losses(entry, results);
    if (!is_copy(updating, entry, results) &&
        !writer_add_run(&updating->writer, entry->path, results, locked, &error) && !entry->problem)
        entry->problem = memory_text(error.text);
}

static void read_run(struct updating *updating, struct entry *entry, const char *folder)
{
    struct results results = {0};
    struct error error;
    bool locked = journal_is_locked(folder); /* first: one that ends meanwhile was not cut off */

    if (results_read_figures(folder, &results, &error))
        take_results(updating, entry, &results, locked);
    else
        set_text(&entry->problem, error.text);
    results_clear(&results);
}

static void read_entry(struct updating *updating, struct entry *entry)
{
    char *folder = folder_of(updating, entry), *link = scan_find_link(folder);

    if (!entry->known_stamp)
        updating->made->added++;
    else
        updating->made->updated++;
    if (entry->state)
        writer_forget_run(&updating->writer, entry->path);
    mark_copies_of(updating, entry->path);
    set_text(&entry->problem, NULL);
    set_text(&entry->copy_of, NULL);
    if (link)
        entry->problem =
            memory_printf("%s/%s: is a symbolic link, and is not followed", folder, link);
    else
        read_run(updating, entry, folder);
    write_folder(updating, entry);
    free(link);
    free(folder);
}

/* --- The whole -------------------------------------------------------------------------------- */

static void read_stale(struct updating *updating)
{
    for (size_t i = 0; i < updating->count && !updating->database->failed; i++) {
        if (updating->entry[i].stale)
            read_entry(updating, &updating->entry[i]);
    }
}

static void tell(struct updating *updating)
{
    struct index_made *made = updating->made;

    for (size_t i = 0; i < updating->count; i++) {
        const struct entry *entry = &updating->entry[i];

        if (entry->problem)
            faults_add(&made->problems, NULL, 0, "%s", entry->problem);
        if (entry->copy_of)
            faults_add(&made->notes, NULL, 0, "%s/%s: is the same run as %s/%s, and is left out",
                       updating->asked->root, entry->path, updating->asked->root, entry->copy_of);
    }
    made->runs = (size_t)database_number(updating->database, "SELECT count(*) FROM run");
    made->steps = (size_t)database_number(updating->database, "SELECT count(*) FROM step");
    made->running = (size_t)database_number(updating->database,
                                            "SELECT count(*) FROM run WHERE state = 'running'");
    made->comparisons =
        (size_t)database_number(updating->database, "SELECT count(*) FROM comparison");
    if (updating->writer.request)
        made->requests =
            (size_t)database_number(updating->database, "SELECT count(*) FROM request");
}

static void clear_entries(struct updating *updating)
{
    for (size_t i = 0; i < updating->count; i++) {
        struct entry *entry = &updating->entry[i];

        free(entry->path);
        free(entry->known_stamp);
        free(entry->state);
        free(entry->copy_of);
        free(entry->problem);
    }
    free(updating->entry);
}

static bool update(struct updating *updating, struct error *error)
{
    const struct index_asked *asked = updating->asked;
    struct database *database = updating->database;
    bool done;

    schema_settle(database, asked->anew, asked->requests);
    writer_init(&updating->writer, database, schema_has_requests(database));
    list_entries(updating);
    mark_stale(updating);
    remove_gone(updating);
    read_stale(updating);
    comparisons_update(database, asked->root, &updating->scan, &updating->made->problems);
    tell(updating);
    writer_clear(&updating->writer);
    done = database_commit(database, error);
    clear_entries(updating);
    return done;
}

static bool open_database(const struct index_asked *asked, const char *file,
                          struct database *database, struct error *error)
{
    return asked->advice ? database_open_advised(database, file, asked->advice, error)
                         : database_open(database, file, error);
}

bool index_update(const struct index_asked *asked, struct index_made *made, struct error *error)
{
    struct database database = {0};
    struct updating updating = {.asked = asked, .made = made, .database = &database};
    bool done;

    *made = (struct index_made){.file = asked->file ? memory_text(asked->file)
                                                    : file_join(asked->root, index_file_name)};
    done = scan_may(asked->root, error) && open_database(asked, made->file, &database, error) &&
           scan_find(asked->root, &updating.scan, error) && update(&updating, error);
    if (done) {
        for (size_t i = 0; i < updating.scan.problems.count; i++)
            faults_add(&made->problems, NULL, 0, "%s", updating.scan.problems.text[i]);
    }
    scan_clear(&updating.scan);
    database_close(&database);
    return done;
}

void index_made_clear(struct index_made *made)
{
    free(made->file);
    faults_clear(&made->notes);
    faults_clear(&made->problems);
    *made = (struct index_made){0};
}
