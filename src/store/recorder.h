/* The recorder: a thread of its own that writes the journal, so that the load loop waits for no
 * disk.
 *
 * A row hands over a copy of each ended request; it stands in line, at most RECORDER_ROOM at once,
 * until the thread has formatted it and appended it to the journal. Only a full line makes a row
 * wait, and for how long is counted. A row that keeps texts hands them over too, and the line is
 * full as well where it holds RECORDER_TEXTS_MOST bytes of them. What is new is on the disk a
 * second later. The first failure to write is kept: nothing is written after it, and everyone who
 * asks gets it. Rows that run beside each other share one recorder; each keeps its own order. */
#ifndef STORE_RECORDER_H
#define STORE_RECORDER_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/error.h"
#include "record/request.h"
#include "store/journal.h"

enum {
    RECORDER_ROOM = 1024,          /* records that may stand in line */
    RECORDER_CHUNKS_KEPT = 4096,   /* a record's room for more chunks than this is given back … */
    RECORDER_TEXTS_KEPT = 1 << 14, /* … and for texts of more bytes */
    RECORDER_TEXTS_MOST = 64 << 20,
};

/* One step's part of the journal. `wait_ns` and `fill_most` are its row's to read, the places only
 * once it is drained. */
struct recording {
    size_t step;
    int64_t wait_ns;                   /* how long its row waited because the line was full */
    size_t fill_most;                  /* the most records that stood in line, its own among them */
    size_t left;                       /* of its own; under the recorder's lock */
    atomic_size_t written;             /* requests that are in the journal */
    struct journal_places places;      /* of each record in the journal, by its number */
    struct journal_places text_places; /* of the texts of each, where they were kept */
};

struct recorder_entry;

struct recorder {
    struct journal journal;
    pthread_t thread;
    bool running;
    pthread_mutex_t lock;       /* never held while anything is formatted, written or synced */
    pthread_cond_t handed_over; /* to the thread: there is something, or it shall stop */
    pthread_cond_t room;        /* to rows: the line is no longer full, or writing has failed */
    pthread_cond_t drained;     /* to rows: a step has nothing left in line */
    struct recorder_entry *entry;
    struct recorder_entry *idle;         /* the last one used first, so that few stay warm */
    struct recorder_entry *first, *last; /* the line */
    size_t fill;                         /* entries that are not idle */
    size_t text_bytes;                   /* of texts in those */
    size_t waiting;                      /* rows that wait for room */
    bool full, stopping, failed;
    struct error error; /* where it failed */
};

/* Opens a new journal at `path` and starts the thread. Stop it either way. */
bool recorder_start(struct recorder *recorder, const char *path, struct error *error);

/* The same for a journal that is to be resumed. */
bool recorder_resume(struct recorder *recorder, const char *path, struct error *error);

/* Hands a copy of the request and its figures over, and of its texts (NULL: they are not kept);
 * waits only while the line is full. False where not all can be written any more. */
bool recorder_put(struct recorder *recorder, struct recording *recording,
                  const struct request *request, const struct figures *figures,
                  const struct request_texts *texts, struct error *error);

/* Waits until every record of this step was dealt with. True: all of them are in the journal. */
bool recorder_drain(struct recorder *recorder, struct recording *recording, struct error *error);

/* Writes what stands in line, puts it on the disk and closes the journal. A zeroed one is fine. */
void recorder_stop(struct recorder *recorder);

/* Forgets where the requests of a drained recording stand. */
void recording_clear(struct recording *recording);

#endif
