#include "job/typed_run.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/clock.h"
#include "core/create.h"
#include "core/file.h"
#include "core/memory.h"

enum { INPUT_MOST = 256 << 20 };

/* The uppermost folder of a path that is not there; NULL: all are. */
static char *first_missing(const char *path)
{
    char *missing = NULL, *at = memory_text(path);

    while (!file_exists(at)) {
        char *above = file_folder(at);

        free(missing);
        missing = at;
        at = above;
    }
    free(at);
    return missing;
}

static bool write_inputs(struct typed_run *typed, const char *results, const struct text *rows,
                         const struct typed_config *config, struct error *error)
{
    struct typed_config whole = *config;
    struct text yaml = {0};
    char *csv = file_join(typed->run.folder, run_inputs_rows);
    bool done;

    whole.rows = csv;
    whole.results = results;
    typed_config_add(&whole, &yaml);
    done = create_files(
        typed->run.folder,
        (struct create_file[]){{run_inputs_rows, rows->bytes}, {run_inputs_config, yaml.bytes}}, 2,
        error);
    text_clear(&yaml);
    free(csv);
    return done;
}

bool typed_run_make(struct typed_run *typed, const char *results, const char *name,
                    const struct text *rows, const struct typed_config *config, struct error *error)
{
    *typed = (struct typed_run){.results = memory_text(results), .made = first_missing(results)};
    if (!run_create(&typed->run, results, results, name, clock_wall_ns(), error)) {
        run_clear(&typed->run);
        typed_run_abandon(typed);
        return false;
    }
    typed->config = file_join(typed->run.folder, run_inputs_config);
    if (write_inputs(typed, results, rows, config, error))
        return true;
    typed_run_abandon(typed);
    return false;
}

/* From the innermost up; a folder in which anything else is stays, and those above it. */
static void remove_made(const struct typed_run *typed)
{
    char *at = typed->made ? memory_text(typed->results) : NULL;

    while (at && rmdir(at) == 0) {
        char *above = strcmp(at, typed->made) != 0 ? file_folder(at) : NULL;

        free(at);
        at = above;
    }
    free(at);
}

void typed_run_abandon(const struct typed_run *typed)
{
    run_abandon(&typed->run, false);
    remove_made(typed);
}

void typed_run_clear(struct typed_run *typed)
{
    run_clear(&typed->run);
    free(typed->config);
    free(typed->results);
    free(typed->made);
    *typed = (struct typed_run){0};
}

bool typed_run_keep(const char *folder, const char *config, const char *rows, char **kept_config,
                    char **kept_rows, struct error *error)
{
    struct text yaml = {0}, csv = {0};
    bool done = file_read(config, INPUT_MOST, &yaml, error) &&
                file_read(rows, INPUT_MOST, &csv, error) &&
                create_files(folder,
                             (struct create_file[]){{run_inputs_rows, csv.bytes ? csv.bytes : ""},
                                                    {run_inputs_config, yaml.bytes}},
                             2, error);

    if (done) {
        *kept_config = file_join(folder, run_inputs_config);
        *kept_rows = file_join(folder, run_inputs_rows);
    }
    text_clear(&yaml);
    text_clear(&csv);
    return done;
}

char *typed_run_config(const char *folder, const struct manifest_content *before)
{
    const char *then = manifest_find(before, "config.path");
    size_t length = then ? strlen(then) : 0, ending = strlen(run_inputs_config);
    char *now = file_join(folder, run_inputs_config);
    bool typed = length > ending && then[length - ending - 1] == '/' &&
                 strcmp(then + length - ending, run_inputs_config) == 0;

    if (typed && file_exists(now))
        return now;
    free(now);
    return NULL;
}
