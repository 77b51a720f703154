/* Asks sources for their metrics while steps run, and keeps what they tell.
 *
 * Each source is asked by a thread of its own, which the load never waits for: once as a step
 * begins, then every `every_s`, and once as it ends. What it tells goes, with the moment on our
 * monotonic clock, as a line of JSON into a file of each step that runs:
 *
 *   {"at_monotonic_ns": 1234, "source": "http://host/metrics", "samples":
 * {"name{label=\"value\"}": 1.5}}
 *
 * A file is WATCH_FILE_MOST long at most; its last line then says {"full": true}. A source that
 * does not respond is told of once, and asked on. */
#ifndef TELEMETRY_WATCH_H
#define TELEMETRY_WATCH_H

#include "core/error.h"
#include "load/target.h"
#include "record/telemetry.h"

enum { WATCH_FILE_MOST = 64 << 20 };

/* What the name of a step's file ends with: "_telemetry.jsonl". */
extern const char watch_file_ending[];

struct watch;

/* One source. The texts outlive the watch. */
struct watch_source {
    char *url;
    double every_s;
    const char *const *match; /* names to keep, with * and ?; … */
    size_t matches;           /* … 0: those that known.h knows */
};

/* Who is told, from a source's thread, that it does not respond, or that a file cannot be written.
 */
struct watch_listener {
    void (*tell)(void *context, const char *line);
    void *context;
};

/* Asks `count` sources: with the target's connection and key where a source has the origin of the
 * target's chat_url, else without key, headers and proxy. The sources are copied; the target
 * outlives the watch. NULL where there are none. Free with watch_free. */
struct watch *watch_new(const struct target *target, const struct watch_source *sources,
                        size_t count, const struct watch_listener *listener);

/* A step begins: its file, which must not be there yet, is made at `path`. Asks each source and
 * waits for those that respond, at most a second. A NULL watch does nothing, here and below. */
void watch_begin_step(struct watch *watch, size_t step, const char *path);

/* Asks each source once more, likewise, and gives what the step's figures come to; with no poll
 * where there is no watch. */
void watch_end_step(struct watch *watch, size_t step, struct telemetry_figures *figures);

/* Ends its threads within a second. NULL is fine. */
void watch_free(struct watch *watch);

#endif
