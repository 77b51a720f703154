/* What export and bench share: a run is written in another format, or printed as another tool
 * prints it. */
#ifndef COMMAND_EXPORTING_H
#define COMMAND_EXPORTING_H

#include <stdbool.h>

#include "export/export.h"

/* What --print takes. */
#define EXPORTING_PRINTED "llmperf"

struct exporting {
    const struct export_writer *writer; /* NULL: no files */
    bool print;                         /* LLMPerf's summary of each row, to stdout */
};

/* Reads the values of --format and --print, each NULL where it was not given. False with a sentence
 * on stderr that begins with the command's name. */
bool exporting_read(const char *command, const char *format, const char *print,
                    struct exporting *into);

/* Writes the run in `path` under `output` (export.h), tells on stdout where it went, and prints it.
 * Where not all of it could be read and written, says so on stderr and sets `*code`. */
void exporting_run(const struct exporting *exporting, const char *path, const char *output,
                   int *code);

#endif
