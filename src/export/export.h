/* Results in other formats, written from run directories alone: one table of writers, by which
 * `coebench export` works. A writer reads what store/ has read and writes into a folder of its own.
 */
#ifndef EXPORT_EXPORT_H
#define EXPORT_EXPORT_H

#include <stdbool.h>

#include "core/error.h"
#include "store/results.h"

struct export_writer {
    const char *name; /* of the format, as --format takes it */
    const char *help; /* what it is for, in a line */
    /* Writes the run's files into the folder, which is empty. False with a sentence. */
    bool (*write)(const struct results *run, const char *folder, struct error *error);
};

/* All of them; ends with a NULL name. */
extern const struct export_writer export_table[];

/* Their names, as --help shows what --format takes. */
#define EXPORT_FORMATS "csv|jsonl|kit|llmperf|markdown|trace"

/* The writer of that name; NULL where there is none. */
const struct export_writer *export_find(const char *name);

/* Makes a folder of its own for the run and writes it there: "<output>/<run's name>", without
 * `output` (NULL) "<run's folder>_<format>", with "-2", "-3" … until nothing is in its place. The
 * mark of an export goes along (store/results.h), so that no comparison counts the run twice.
 * `*folder`, which the caller frees, is where it went, and NULL where it failed. */
bool export_run(const struct export_writer *writer, const struct results *run, const char *output,
                char **folder, struct error *error);

#endif
