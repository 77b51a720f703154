/* A run's journal, read as it grows: from its beginning at first, then what is new, each line once.
 * Where another file stands in its place, or it has become shorter than what was read, it is read
 * anew. */
#ifndef SERVE_WATCH_RUN_FOLLOW_H
#define SERVE_WATCH_RUN_FOLLOW_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "core/text.h"
#include "serve/watch/run_plan.h"
#include "serve/watch/run_sums.h"

enum {
    FOLLOW_PIECE = 256 << 10,    /* bytes that are read at once */
    FOLLOW_LINE_MOST = 64 << 20, /* a longer line is passed over */
};

struct run_follow {
    int folder;  /* of the run, open */
    int journal; /* −1: there is none yet */
    int process; /* stands for the process that runs it (store/run_pid.h); −1: it is over */
    dev_t device;
    ino_t inode;
    off_t at;          /* of the journal that was read */
    struct text piece; /* the beginning of a line that is longer than a piece; not before `at` */
    bool passing;      /* … and too long */
    struct run_plan plan;
    struct run_sums sums;
    unsigned anew; /* how often it was read anew: what was told of it before is void */
};

/* Of the run at `path` below the folder `root`, which is open as `folder`. False where it is not
 * there. Clear it either way. */
bool run_follow_open(struct run_follow *follow, int folder, const char *root, const char *path);

/* Whether its process is over: then what it wrote is whole. */
bool run_follow_is_over(const struct run_follow *follow);

/* Looks whether the journal is the one that is being read, and takes its place otherwise. */
void run_follow_look(struct run_follow *follow);

/* Reads whole lines into `bytes`, or a piece of one that is longer, and returns how many bytes; 0:
 * there is nothing new. A line whose end has not come yet may still be taken back. */
size_t run_follow_read(struct run_follow *follow, char bytes[FOLLOW_PIECE]);

/* Takes them into the sums, each of them once. */
void run_follow_take(struct run_follow *follow, const char *bytes, size_t length);

/* How a run that is over has ended, as its manifest has it: "done", "interrupted" …; "cut off"
 * where it does not say. For the caller to free. */
char *run_follow_state(const struct run_follow *follow);

void run_follow_clear(struct run_follow *follow);

#endif
