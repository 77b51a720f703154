/* A handful of requests without files of anybody's own: the config and the rows of a small run, in
 * a temporary folder that also gets its results, until it is removed. */
#ifndef JOB_QUICK_RUN_H
#define JOB_QUICK_RUN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/error.h"

/* What is tried. */
struct quick_run_asked {
    char *const *model; /* as the endpoint names them */
    size_t models;      /* at least 1; of several, each is visited twice, in turns */
    const char *api;    /* a value of llm_api */
    int64_t requests;   /* of each visit */
    int64_t concurrency;
    int64_t input_tokens, output_tokens;
};

struct quick_run {
    char *folder, *config; /* the temporary folder, and the config in it; owned */
};

/* Makes the folder, in TMPDIR or else in /tmp, for its owner alone, and both files. False with a
 * sentence where it cannot. Clear `quick` either way. */
bool quick_run_make(struct quick_run *quick, const struct quick_run_asked *asked,
                    struct error *error);

/* Removes the folder with all that is in it. */
void quick_run_clear(struct quick_run *quick);

#endif
