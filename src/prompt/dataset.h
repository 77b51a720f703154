/* A data set of the user's: prompts sent as they are, one JSON object a line (.jsonl), with
 * `prompt` and, where a picture goes along, `image_path`. */
#ifndef PROMPT_DATASET_H
#define PROMPT_DATASET_H

#include <stdbool.h>
#include <stddef.h>

#include "core/error.h"
#include "core/text.h"

struct dataset_image {
    char *path;
    const char *type;   /* "image/png" or "image/jpeg"; NULL: it was a fault */
    struct text base64; /* of the file */
};

struct dataset_line {
    char *prompt;
    size_t image; /* its number in `image` from 1; 0: none */
};

struct dataset {
    struct dataset_line *line;
    size_t count; /* at least 1 where it was read */
    struct dataset_image *image;
    size_t images; /* each file once */
};

/* Reads the file; other members and blank lines are ignored. A relative image_path is looked for
 * beside the file, then in the working directory. Adds a fault for each bad line, with its number
 * and a remedy, up to 20, and says how many more there are. Clear `dataset` either way. */
bool dataset_read(const char *path, struct dataset *dataset, struct faults *faults);

/* The picture that goes with a line; NULL: none. */
const struct dataset_image *dataset_image_of(const struct dataset *dataset, size_t line);

void dataset_clear(struct dataset *dataset);

#endif
