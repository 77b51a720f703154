#include "job/quick_run.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/create.h"
#include "core/file.h"
#include "core/memory.h"
#include "core/text.h"
#include "job/typed_inputs.h"

static void write_rows(const struct quick_run_asked *asked, struct text *csv)
{
    char number[4][24];
    struct typed_row row = {{[TYPED_INPUT_TOKENS] = number[0],
                             [TYPED_OUTPUT_TOKENS] = number[1],
                             [TYPED_REQUESTS] = number[2],
                             [TYPED_CONCURRENCY] = number[3]}};

    snprintf(number[0], sizeof number[0], "%" PRId64, asked->input_tokens);
    snprintf(number[1], sizeof number[1], "%" PRId64, asked->output_tokens);
    snprintf(number[2], sizeof number[2], "%" PRId64, asked->requests);
    snprintf(number[3], sizeof number[3], "%" PRId64, asked->concurrency);
    typed_row_add_header(&row, csv);
    for (size_t i = 0; i < asked->models; i++) {
        row.cell[TYPED_MODEL] = asked->model[i];
        typed_row_add(&row, csv);
    }
}

static void write_config(const struct quick_run *quick, const struct quick_run_asked *asked,
                         struct text *yaml)
{
    char *rows = file_join(quick->folder, "rows.csv"),
         *results = file_join(quick->folder, "results");
    const struct typed_config config = {.api = asked->api,
                                        .run_name = "try",
                                        .rows = rows,
                                        .results = results,
                                        .passes = asked->models > 1 ? 2 : 1};

    typed_config_add(&config, yaml);
    free(rows);
    free(results);
}

static bool make_folder(struct quick_run *quick, struct error *error)
{
    const char *parent = getenv("TMPDIR");
    char *folder = file_join(parent && *parent ? parent : "/tmp", "coebench-try-XXXXXX");

    if (!mkdtemp(folder)) {
        error_set(error, "%s: a temporary folder cannot be made: %s", folder, strerror(errno));
        free(folder);
        return false;
    }
    quick->folder = folder;
    quick->config = file_join(folder, "config.yaml");
    return true;
}

bool quick_run_make(struct quick_run *quick, const struct quick_run_asked *asked,
                    struct error *error)
{
    struct text rows = {0}, config = {0};
    bool done;

    *quick = (struct quick_run){0};
    if (!make_folder(quick, error))
        return false;
    write_rows(asked, &rows);
    write_config(quick, asked, &config);
    done = create_files(
        quick->folder,
        (struct create_file[]){{"rows.csv", rows.bytes}, {"config.yaml", config.bytes}}, 2, error);
    text_clear(&rows);
    text_clear(&config);
    return done;
}

void quick_run_clear(struct quick_run *quick)
{
    if (quick->folder)
        file_remove_folder(quick->folder);
    free(quick->folder);
    free(quick->config);
    *quick = (struct quick_run){0};
}
