/* What the prompts of a run are made of, besides words: the prompt file's texts and data sets. */
#ifndef JOB_SOURCES_H
#define JOB_SOURCES_H

#include "core/error.h"
#include "plan/rows.h"
#include "plan/settings.h"
#include "prompt/dataset.h"
#include "prompt/texts.h"

struct source_dataset {
    char *path;
    struct dataset dataset;
};

struct sources {
    char *texts_path; /* NULL: no prompt file is read, or the shipped one */
    struct prompt_texts texts;
    struct source_dataset *dataset; /* each file once */
    size_t datasets;
    char **trace; /* the paths of the traces that rows come from, each once */
    size_t traces;
};

/* Reads what the settings and rows ask for, and gives each row that takes its prompts from a data
 * set the path as it was found, and as many requests as that has prompts where it says no number,
 * and sessions as long as its conversations where it does not say how long. Relative paths are
 * looked for in the working directory, then in the config's folder. False where it added faults.
 * Clear `sources` either way. */
bool sources_read(struct sources *sources, const struct settings *settings, struct rows *rows,
                  const char *config_path, struct faults *faults, struct faults *warnings);

/* The data set of a row; NULL: it has none. */
const struct dataset *sources_dataset(const struct sources *sources, const struct row *row);

/* The paths of the files that were read, ended by NULL; the list is the caller's to free. */
const char **sources_files(const struct sources *sources);

void sources_clear(struct sources *sources);

#endif
