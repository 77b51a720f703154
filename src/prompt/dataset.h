/* A data set of the user's: prompts sent as they are, one JSON object a line (.jsonl), with
 * `prompt` and, where a picture goes along, `image_path`; or with a conversation (conversation.h).
 * A file may also be one JSON array of such objects, as ShareGPT's are. */
#ifndef PROMPT_DATASET_H
#define PROMPT_DATASET_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "core/error.h"
#include "core/text.h"

/* So many bytes the pictures of a data set may have together, unless it says otherwise. */
enum { DATASET_IMAGES_MOST = 1 << 30 };

struct dataset_image {
    char *path;
    dev_t device; /* which file that is, under whichever name: both 0 where it is not there */
    ino_t inode;
    const char *type;   /* "image/png" or "image/jpeg"; NULL: it was a fault */
    struct text base64; /* of the file */
};

struct dataset_line {
    char *prompt;
    char **later; /* of a conversation: what the user says behind that; `later_count` texts */
    size_t later_count;
    char *system; /* … and the system ahead of it; NULL: nothing */
    size_t image; /* its number in `image` from 1; 0: none */
};

struct dataset {
    struct dataset_line *line;
    size_t count;    /* at least 1 where it was read */
    size_t silent;   /* conversations without a text of the user, which are left out */
    bool has_system; /* a line has a message of the system */
    struct dataset_image *image;
    size_t images;       /* each file once */
    size_t images_bytes; /* of the files */
    size_t images_most;  /* may be set before it is read; 0: DATASET_IMAGES_MOST */
};

/* Reads the file; other members and blank lines are ignored. A relative image_path is looked for
 * beside the file, then in the working directory; what is no regular file is refused and not waited
 * for, and no picture is decoded. Adds a fault for each bad line, with its number
 * and a remedy, up to 20, and says how many more there are. Clear `dataset` either way. */
bool dataset_read(const char *path, struct dataset *dataset, struct faults *faults);

/* The turns of a line, at most `most`; and of all lines the most, and the mean. */
size_t dataset_turns(const struct dataset *dataset, size_t line, size_t most);
size_t dataset_turns_most(const struct dataset *dataset);
double dataset_turns_mean(const struct dataset *dataset, size_t most);

/* How many earlier turns the prompts of a line hold in all, on the mean of all lines: of one of t
 * turns t (t − 1) / 2. */
double dataset_turns_held(const struct dataset *dataset, size_t most);

/* The picture that goes with a line; NULL: none. */
const struct dataset_image *dataset_image_of(const struct dataset *dataset, size_t line);

void dataset_clear(struct dataset *dataset);

#endif
