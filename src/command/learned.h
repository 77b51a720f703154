/* What a run knows of how models count, shared by its rows and kept for later runs. */
#ifndef COMMAND_LEARNED_H
#define COMMAND_LEARNED_H

#include <pthread.h>

#include "core/error.h"
#include "plan/settings.h"
#include "prompt/calibration.h"

struct learned {
    pthread_mutex_t lock;
    struct calibrations known;
    const char *base_url, *folder; /* the endpoint's, and output_files_dir; must outlive this */
    char *path;
    bool told; /* that the file cannot be written */
};

/* Reads <output_files_dir>/.calibration.json; one that is broken counts as empty, with the sentence
 * in `error` and false. Clear `learned` either way. */
bool learned_open(struct learned *learned, const struct settings *settings, const char *base_url,
                  struct error *error);

/* How the model counts prompts of that kind, as far as is known. */
struct counting learned_counting(struct learned *learned, const char *model, const char *kind);

/* Keeps what answers taught, and writes the file. False with a sentence the first time that it
 * cannot be written. */
bool learned_keep(struct learned *learned, const char *model, const char *kind,
                  const struct counting *counting, struct error *error);

void learned_clear(struct learned *learned);

#endif
