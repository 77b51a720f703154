#include "load/ahead.h"

#include "core/clock.h"
#include "core/memory.h"
#include "load/easy.h"
#include "load/loop.h"

#include <stdlib.h>

enum { AT_ONCE = 64, TURN_NS = 100000000 };

struct opening {
    struct loop *loop;
    size_t begun, running, opened, failed, wanted;
};

static size_t ignore_body(char *bytes, size_t size, size_t count, void *context)
{
    (void)bytes;
    (void)context;
    return size * count;
}

static void on_done(void *context, CURL *easy, CURLcode result)
{
    struct opening *opening = context;

    opening->running--;
    if (result == CURLE_OK)
        opening->opened++; /* the server may yet close it; the request then says new_connection */
    else
        opening->failed++;
    if (opening->failed == 0 && opening->begun < opening->wanted) {
        opening->begun++;
        opening->running++;
        loop_add(opening->loop, easy);
    }
}

static CURL *new_probe(const struct target *target, struct curl_slist *headers)
{
    CURL *easy = easy_new(target, headers);

    curl_easy_setopt(easy, CURLOPT_URL, target->idle_url);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, ignore_body);
    curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, 1L);
    curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)(2000 * target->connect_timeout_s));
    return easy;
}

static void run(struct opening *opening, const volatile sig_atomic_t *stop)
{
    while (opening->running > 0 && !*stop)
        loop_turn(opening->loop, clock_monotonic_ns() + TURN_NS);
}

size_t ahead_open(struct loop *loop, const struct target *target, size_t wanted,
                  const volatile sig_atomic_t *stop)
{
    struct loop kept = *loop;
    struct curl_slist *headers = easy_headers(target, false);
    size_t handles = wanted < AT_ONCE ? wanted : AT_ONCE;
    CURL **easy = memory_new(handles, sizeof(CURL *));
    struct opening opening = {.loop = loop, .begun = handles, .running = handles, .wanted = wanted};

    loop->on_done = on_done;
    loop->context = &opening;
    for (size_t i = 0; i < handles; i++)
        loop_add(loop, easy[i] = new_probe(target, headers));
    run(&opening, stop);
    for (size_t i = 0; i < handles; i++) {
        loop_remove(loop, easy[i]);
        curl_easy_cleanup(easy[i]);
    }
    free(easy);
    curl_slist_free_all(headers);
    loop->on_done = kept.on_done;
    loop->context = kept.context;
    return opening.opened;
}
