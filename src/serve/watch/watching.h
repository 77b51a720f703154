/* Who watches which run, as streams of events (run_events.h). One thread reads the journals of the
 * runs that are watched, each once however many watch it: woken by the system as the run's folder
 * changes (inotify(7)), at most each WATCHING_EVERY_MS. A run that nobody watches is not read, and
 * where no run is watched the thread sleeps. */
#ifndef SERVE_WATCH_WATCHING_H
#define SERVE_WATCH_WATCHING_H

#include <stdbool.h>

enum {
    WATCHING_MOST = 64,       /* streams at a time */
    WATCHING_EVERY_MS = 500,  /* from one reading to the next */
    WATCHING_QUIET_MS = 15000 /* a stream without news has a comment line then */
};

struct exchange;
struct watching;
struct workbench;

/* NULL where the machine starts no more threads. */
struct watching *watching_start(struct workbench *workbench);

/* Replies with the stream of the run at `path`, or refuses: where the run is not there, and where
 * so many streams are open. */
void watching_reply(struct watching *watching, struct exchange *exchange, const char *path);

/* Ends all streams and the thread. */
void watching_stop(struct watching *watching);

/* Frees it, stopped and without streams; NULL is fine. */
void watching_free(struct watching *watching);

#endif
