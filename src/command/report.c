/* coebench report: workbook and page again, from run directories alone. */
#include <stdio.h>
#include <stdlib.h>

#include "command/command.h"
#include "command/reports.h"
#include "core/file.h"
#include "core/memory.h"

struct report_options {
    const char *output;
};

/* Where the run's workbook went, if that folder is still there; else beside the run's folder. */
static char *folder_for(const struct results *run)
{
    const char *told = manifest_find(&run->manifest, "settings.consolidated_results_dir");

    if (told && file_exists(told))
        return memory_text(told);
    return file_folder(run->folder);
}

/* A base that no workbook has: "…_20261123-195236", "…-merged" of several, "…-2", "-3" … */
static char *free_base(const struct runs *runs, const char *folder)
{
    const char *merged = runs->count > 1 ? "-merged" : "", *name = runs->results[0].name;
    char *base = memory_printf("%s/consolidated_results_%s%s", folder, name, merged);

    for (int i = 2; reports_exist(base); i++) {
        free(base);
        base = memory_printf("%s/consolidated_results_%s%s-%d", folder, name, merged, i);
    }
    return base;
}

static bool write_reports(const struct runs *runs, const char *output, struct error *error)
{
    char *folder = output ? memory_text(output) : folder_for(&runs->results[0]), *base = NULL;
    bool done = file_make_folders(folder, error);

    if (done) {
        base = free_base(runs, folder);
        done = reports_write(runs, base, error);
    }
    if (done)
        reports_name(base);
    free(base);
    free(folder);
    return done;
}

static void tell_unfinished(const struct runs *runs)
{
    for (size_t i = 0; i < runs->count; i++) {
        const struct results *run = &runs->results[i];

        if (run->count < run->planned)
            fprintf(stderr,
                    "note: %s is not finished: %zu of %zu steps are here; 'coebench run --resume "
                    "%s' goes on with it\n",
                    run->name, run->count, run->planned, run->folder);
    }
}

static int report(const void *context, char **arguments)
{
    const struct report_options *options = context;
    struct runs runs = {0};
    struct error error;
    int code = EXIT_DONE;

    if (!runs_read(arguments, &runs, &error) || !write_reports(&runs, options->output, &error)) {
        fprintf(stderr, "coebench: %s\n", error.text);
        code = EXIT_BAD_INPUT;
    }
    tell_unfinished(&runs);
    runs_clear(&runs);
    return code;
}

static const struct option options[] = {
    {"output", "DIR", OPTION_TEXT, offsetof(struct report_options, output),
     "where to write (default: beside the old ones)"},
    {0},
};

const struct command command_report = {
    .name = "report",
    .arguments = "DIR…",
    .summary = "make workbook and page again from one or more runs",
    .help =
        "Reads run directories, the starter kit's too and one that goes on, and writes their\n"
        "workbook and page, beside those that are there and never in their place. Several runs\n"
        "are merged into one, in the order they are named.",
    .options = options,
    .least = 1,
    .most = 4096,
    .run = report,
    .options_size = sizeof(struct report_options),
};
