/* The journal: one line of JSON, appended as each request ends, so that a crash keeps what was
 * measured. Lines: {"step":0,"request":{…}}, the request as in the individual responses; and
 * {"step":0,"begins":"<name>"}, {"step":0,"ends":"<how>"}. */
#ifndef STORE_JOURNAL_H
#define STORE_JOURNAL_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "core/error.h"
#include "core/text.h"

/* Rows that run beside each other share one; a line is never torn by another. */
struct journal {
    pthread_mutex_t lock;
    pthread_mutex_t sync_lock;
    int fd;
    char *path;
    off_t size;
    int sync_failure; /* the errno of the first; the system tells of one only once */
};

/* Where a line's request stands, to be read again. */
struct journal_place {
    off_t at;
    size_t length;
};

/* Opens a new journal; a file that is there already is an error. */
bool journal_open(struct journal *journal, const char *path, struct error *error);

/* Appends a request's line in one write and says where its object stands. Where not all of the line
 * can be written, none of it stays; so with journal_add_mark. */
bool journal_add_request(struct journal *journal, size_t step, const struct text *request,
                         struct journal_place *place, struct error *error);

/* Appends a line about the step itself: what ("begins", "ends") and a text. */
bool journal_add_mark(struct journal *journal, size_t step, const char *what, const char *text,
                      struct error *error);

/* Adds the object at `place` to `text`. */
bool journal_read(const struct journal *journal, struct journal_place place, struct text *text,
                  struct error *error);

/* Puts everything written so far on the disk. What failed once is told to everyone after. */
bool journal_sync(struct journal *journal, struct error *error);

void journal_close(struct journal *journal);

#endif
