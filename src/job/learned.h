/* What a run knows of how models count, shared by its rows and kept for later runs. */
#ifndef JOB_LEARNED_H
#define JOB_LEARNED_H

#include <pthread.h>

#include "core/error.h"
#include "plan/settings.h"
#include "prompt/calibration.h"
#include "wire/dialect.h"

struct learned {
    pthread_mutex_t lock;
    struct calibrations known;
    char *base_url;     /* the endpoint's, and where its dialect does not follow from it, that */
    const char *folder; /* output_files_dir; must outlive this */
    char *path;
    bool reported; /* that the file cannot be written */
    bool (*same_model)(const void *context, const char *a, const char *b); /* NULL: none are */
    const char *(*endpoint_says)(const void *context);                     /* NULL: not known */
    const void *context;
};

/* Reads <output_files_dir>/.calibration.json; one that is broken counts as empty, with the sentence
 * in `error` and false. What is known is of that dialect (NULL: not known) at that address alone.
 * Clear `learned` either way. */
bool learned_open(struct learned *learned, const struct settings *settings, const char *base_url,
                  const struct dialect *dialect, struct error *error);

/* Reads another process' file in the place of what is known: another rank of the run keeps it. */
bool learned_take(struct learned *learned, struct error *error);

/* From now on two names that differ by `:latest` alone are one model where `same_model` says so,
 * and only what was learned while the endpoint said of itself what it says now is known. Both are
 * asked where that makes a difference. */
void learned_join_endpoint(struct learned *learned,
                           bool (*same_model)(const void *context, const char *a, const char *b),
                           const char *(*endpoint_says)(const void *context), const void *context);

/* How the model counts prompts of that kind, as far as is known, by this name or another of its. */
struct counting learned_counting(struct learned *learned, const char *model, const char *kind);

/* Keeps what responses taught, and writes the file. False with a sentence the first time that it
 * cannot be written. */
bool learned_keep(struct learned *learned, const char *model, const char *kind,
                  const struct counting *counting, struct error *error);

void learned_clear(struct learned *learned);

#endif
