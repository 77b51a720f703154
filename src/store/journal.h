/* The journal: one line of JSON, appended as each request ends, so that a crash keeps what was
 * measured. Lines: {"step":0,"request":{…}}, the request as in the individual responses;
 * {"step":0,"text":{…}}, its texts, where they are kept; {"step":0,"begins":"<name>"}, once for
 * each attempt at the step; {"step":0,"ends":"<how>"} behind its last request;
 * {"step":0,"search":{…}}, what a search concluded of it, before its files are written;
 * {"step":0,"fingerprint":{…}} once its files are written (fingerprint.h); and
 * {"step":0,"study_ends":"<why>"} behind the last step of a study that runs until it is sure.
 *
 * A line is written where the one before it ends, as counted here: what else may come to stand in
 * the file moves no line away from the place that is known of it.
 *
 * Whoever has it open to write holds a lock on it (flock(2)), which ends with the process however
 * that ends: of two programs that write to one run directory the second is refused. */
#ifndef STORE_JOURNAL_H
#define STORE_JOURNAL_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "core/error.h"
#include "core/text.h"

extern const char journal_file_name[]; /* in the run directory */

/* Rows that run beside each other share one; a line is never torn by another. */
struct journal {
    pthread_mutex_t lock;
    pthread_mutex_t sync_lock;
    int fd;
    char *path;
    off_t size;
    int sync_failure; /* the errno of the first; the system tells of one only once */
};

/* Where a line, or its request, stands, to be read again. */
struct journal_place {
    off_t at;
    size_t length;
};

/* Where those of a step stand, by the number of the record. */
struct journal_places {
    struct journal_place *place; /* length 0: nothing does */
    size_t count, room;          /* count: behind the last that is known */
};

void journal_places_set(struct journal_places *places, size_t index, struct journal_place place);
void journal_places_clear(struct journal_places *places);

/* Opens a new journal; a file that is there already is an error. */
bool journal_open(struct journal *journal, const char *path, struct error *error);

/* Opens one to resume. Its last line, where the end of the program or of the machine tore it, is
 * taken away: what it reported was not yet reported as done. */
bool journal_reopen(struct journal *journal, const char *path, struct error *error);

/* Whether a program writes to the run in `folder`: its journal is locked. A journal that is not
 * there, or may not be read, is none that anybody writes to. */
bool journal_is_locked(const char *folder);

/* Appends a line with an object, a "request" or a "text", in one write and says where the object
 * stands. Where not all of the line can be written, none of it stays; so with journal_add_mark. */
bool journal_add_object(struct journal *journal, size_t step, const char *what,
                        const struct text *object, struct journal_place *place,
                        struct error *error);

/* Appends a line about the step itself: what ("begins", "ends", "study_ends") and a text. */
bool journal_add_mark(struct journal *journal, size_t step, const char *what, const char *text,
                      struct error *error);

/* Adds the object at `place` to `text`. */
bool journal_read(const struct journal *journal, struct journal_place place, struct text *text,
                  struct error *error);

/* Puts everything written so far on the disk. What failed once is reported to everyone after. */
bool journal_sync(struct journal *journal, struct error *error);

void journal_close(struct journal *journal);

#endif
