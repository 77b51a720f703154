/* What takes longer than a request may: begun in the order it was asked for by a few threads, while
 * the server goes on responding to others. */
#ifndef SERVE_HTTP_BACKGROUND_H
#define SERVE_HTTP_BACKGROUND_H

#include <stdatomic.h>
#include <stdbool.h>

struct exchange;
struct workbench;
struct background;

enum { BACKGROUND_THREADS = 3, BACKGROUND_MOST = 32 /* that may wait */ };

/* What does the work and replies. `stop` is true where the server ends: then it replies soon. */
typedef void background_work(struct workbench *workbench, struct exchange *exchange,
                             atomic_bool *stop);

/* NULL where the machine starts no more threads. */
struct background *background_start(struct workbench *workbench);

/* Does it later, and sends the reply then; where too many wait, replies so at once. To be called by
 * a route, as its reply. */
void background_do(struct background *background, struct exchange *exchange, background_work *work);

/* Ends what is under way, and refuses what waits and what is asked for from now on. */
void background_stop(struct background *background);

/* Frees it, stopped; NULL is fine. */
void background_free(struct background *background);

#endif
