#include "command/last_runs.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command/notices.h"
#include "core/file.h"
#include "core/memory.h"
#include "core/text.h"
#include "core/word.h"
#include "report/run_folders.h"
#include "store/index/past.h"
#include "store/index/update.h"

enum { RUNS_MOST = 1000 };

static const char prefix[] = "last:";

bool last_runs_is(const char *base)
{
    return strncmp(base, prefix, strlen(prefix)) == 0 && !file_exists(base);
}

static bool read_count(const char *base, size_t *count, struct error *error)
{
    int64_t number;

    if (!word_integer(base + strlen(prefix), &number) || number < 1 || number > RUNS_MOST)
        return error_set(error, "%.80s: write last:N, such as last:5, with N from 1 to %d", base,
                         RUNS_MOST);
    *count = (size_t)number;
    return true;
}

/* The folder in which a path's last part stands, by its real name: "." stands in "..". */
static char *folder_around(const char *path)
{
    char *real = realpath(path, NULL), *folder = file_folder(real ? real : path);
    char *named = file_folder(path), *real_named = realpath(named, NULL);
    bool plain = real && real_named && strcmp(real_named, folder) == 0;

    free(plain ? folder : named);
    free(real_named);
    free(real);
    return plain ? named : folder;
}

static bool update(const char *root, const char *index, char **file, struct error *error)
{
    const struct index_asked asked = {
        .root = root, .file = index, .advice = "name another file with --index"};
    struct index_made made;
    bool done = index_update(&asked, &made, error);

    notices_warn(&made.notes);
    notices_warn(&made.problems);
    *file = done ? memory_text(made.file) : NULL;
    index_made_clear(&made);
    return done;
}

/* The first of the candidate's runs; NULL with a sentence. */
static char *first_run(const char *candidate, struct error *error)
{
    char *paths[] = {(char *)candidate, NULL};
    struct faults passed = {0}; /* is told where the side is read */
    char **folders = run_folders_find(paths, &passed, error);
    char *first = folders ? memory_text(folders[0]) : NULL;

    run_folders_free(folders);
    faults_clear(&passed);
    return first;
}

static char *name_of(const char *base, const char *root, char **paths)
{
    struct text name = {0};

    text_printf(&name, "%s of %s", base, root);
    for (size_t i = 0; paths[i]; i++)
        text_printf(&name, "%s %s", i > 0 ? "," : ":", paths[i] + strlen(root) + 1);
    return text_take(&name);
}

static bool find(const struct last_asked *asked, const struct index_labels *labels, size_t most,
                 struct last_runs *runs, struct error *error)
{
    char *root = asked->in ? memory_text(asked->in) : folder_around(asked->candidate);
    char *candidate = first_run(asked->candidate, error), *file = NULL;
    size_t count = 0;

    if (candidate && update(root, asked->index, &file, error)) {
        const struct past_asked past = {root, file, candidate, most, labels};

        runs->path = index_past_find(&past, &count, error);
    }
    if (runs->path) {
        runs->name = name_of(asked->base, root, runs->path);
        if (count < most)
            fprintf(stderr, "note: %s: there %s %zu\n", asked->base, count == 1 ? "is" : "are",
                    count);
    }
    free(file);
    free(candidate);
    free(root);
    return runs->path != NULL;
}

bool last_runs_find(const struct last_asked *asked, struct last_runs *runs, struct error *error)
{
    struct index_labels labels = {0};
    size_t most = 0;
    bool done = read_count(asked->base, &most, error);

    *runs = (struct last_runs){0};
    for (size_t i = 0; i < asked->where->count && done; i++)
        done = index_labels_add(&labels, asked->where->text[i], error);
    done = done && find(asked, &labels, most, runs, error);
    index_labels_clear(&labels);
    return done;
}

void last_runs_clear(struct last_runs *runs)
{
    for (size_t i = 0; runs->path && runs->path[i]; i++)
        free(runs->path[i]);
    free(runs->path);
    free(runs->name);
    *runs = (struct last_runs){0};
}
