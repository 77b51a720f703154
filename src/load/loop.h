/* One event loop: libcurl's sockets on one epoll; inside this room.
 *
 * libcurl is driven by socket, so that the moment sockets became readable is known before their
 * bytes are read: `arrival_ns` is that moment for everything that happens inside libcurl's
 * callbacks. */
#ifndef LOAD_LOOP_H
#define LOAD_LOOP_H

#include <curl/curl.h>
#include <stdbool.h>
#include <stdint.h>

#include "core/error.h"

struct loop {
    int epoll;
    CURLM *multi;
    int64_t curl_due_ns; /* when libcurl wants to be called; CLOCK_NEVER: no wish */
    int64_t arrival_ns;
    bool coarse;      /* the system has no epoll_pwait2: waits end on whole milliseconds */
    uint64_t reading; /* counts the calls into libcurl: bytes of one call came together */
    /* A transfer has ended and is no longer in the loop; it may start others. */
    void (*on_done)(void *context, CURL *easy, CURLcode result);
    void *context;
};

bool loop_init(struct loop *loop, void (*on_done)(void *context, CURL *easy, CURLcode result),
               void *context, struct error *error);

/* Lets a transfer begin, and takes it out before its end. */
void loop_add(struct loop *loop, CURL *easy);
void loop_remove(struct loop *loop, CURL *easy);

/* Waits until a socket has something or `until_ns` has come, and lets libcurl work. A signal ends
 * the wait early. Whether there was time to spare: nothing more waits to be read. */
bool loop_turn(struct loop *loop, int64_t until_ns);

void loop_clear(struct loop *loop);

#endif
