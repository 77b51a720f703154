/* Which check of a draft each session wants: while somebody types, the newest, one at a time. Any
 * thread may call these. */
#ifndef SERVE_START_CHECKS_H
#define SERVE_START_CHECKS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

struct checks;

struct checks *checks_new(void);
void checks_free(struct checks *checks);

/* One that was asked for at `moment_ns`, by the session of that secret, is the newest now: an older
 * one that is under way becomes stale. */
void checks_ask(struct checks *checks, const char *secret, int64_t moment_ns);

/* Waits until no other check of the session is under way, and begins that one; false where a newer
 * one was asked for. `*stale` becomes true when one is asked for meanwhile. */
bool checks_begin(struct checks *checks, const char *secret, int64_t moment_ns, atomic_bool *stale);

/* It is over; false where it had become stale. */
bool checks_end(struct checks *checks, const char *secret);

#endif
