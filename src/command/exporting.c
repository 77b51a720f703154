#include "command/exporting.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/exit.h"
#include "core/text.h"
#include "export/llmperf_text.h"

bool exporting_read(const char *command, const char *format, const char *print,
                    struct exporting *into)
{
    *into = (struct exporting){.writer = format ? export_find(format) : NULL, .print = print};
    if (format && !into->writer) {
        fprintf(stderr, "coebench %s: --format is not one that is known; it takes %s\n", command,
                EXPORT_FORMATS);
        return false;
    }
    if (print && strcmp(print, EXPORTING_PRINTED) != 0) {
        fprintf(stderr, "coebench %s: --print is not one that is known; it takes %s\n", command,
                EXPORTING_PRINTED);
        return false;
    }
    return true;
}

static bool print_run(const struct results *run, struct error *error)
{
    struct text text = {0};
    bool done = llmperf_text_add_run(run, &text, error);

    if (done && text.length > 0)
        fputs(text.bytes, stdout);
    text_clear(&text);
    return done;
}

static bool write_run(const struct export_writer *writer, const struct results *run,
                      const char *output, struct error *error)
{
    char *folder = NULL;
    bool done = export_run(writer, run, output, &folder, error);

    if (done)
        printf("%s: %s\n", writer->name, folder);
    free(folder);
    return done;
}

void exporting_run(const struct exporting *exporting, const char *path, const char *output,
                   int *code)
{
    struct results run = {0};
    struct error error;

    if (!results_read(path, &run, &error) ||
        (exporting->writer && !write_run(exporting->writer, &run, output, &error)) ||
        (exporting->print && !print_run(&run, &error))) {
        fprintf(stderr, "coebench: %s\n", error.text);
        *code = EXIT_BAD_INPUT;
    }
    for (size_t i = 0; i < run.losses; i++)
        fprintf(stderr, "warning: %s; the step is left out of %s\n", run.loss[i].why, run.name);
    if (run.losses > 0 && *code == EXIT_DONE)
        *code = EXIT_INCOMPLETE;
    results_clear(&run);
}
