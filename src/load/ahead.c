#include "load/ahead.h"

#include <stdlib.h>

#include "core/clock.h"
#include "core/memory.h"
#include "load/easy.h"
#include "load/loop.h"

enum { AT_ONCE = 64, TURN_NS = 100000000 };

struct opening {
    struct loop *loop;
    size_t a_shard; /* how many connections a shard needs */
    size_t begun, running, opened, failed, wanted;
};

static size_t ignore_body(char *bytes, size_t size, size_t count, void *context)
{
    (void)bytes;
    (void)context;
    return size * count;
}

/* Each connection is opened in the shard that will use it. */
static void add(struct opening *opening, CURL *easy)
{
    size_t shard = opening->begun++ / opening->a_shard;

    curl_easy_setopt(easy, CURLOPT_PRIVATE, (void *)shard);
    loop_add(opening->loop, shard, easy);
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
        opening->running++;
        add(opening, easy);
    }
}

static int on_socket(void *context, curl_socket_t socket, curlsocktype purpose)
{
    (void)context;
    (void)purpose;
    stamp_ask(socket); /* the requests that follow on it shall have stamps */
    return CURL_SOCKOPT_OK;
}

static CURL *new_probe(const struct target *target, struct curl_slist *headers)
{
    CURL *easy = easy_new(target, headers);

    curl_easy_setopt(easy, CURLOPT_URL, target->idle_url);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, ignore_body);
    curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, 1L);
    curl_easy_setopt(easy, CURLOPT_SOCKOPTFUNCTION, on_socket);
    curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)(2000 * target->connect_timeout_s));
    return easy;
}

static void run(struct opening *opening, const volatile sig_atomic_t *stop)
{
    while (opening->running > 0 && !*stop)
        loop_turn(opening->loop, clock_monotonic_ns() + TURN_NS);
}

static void remove_probe(struct loop *loop, CURL *easy)
{
    void *shard = NULL;

    curl_easy_getinfo(easy, CURLINFO_PRIVATE, &shard);
    loop_remove(loop, (size_t)shard, easy); /* which it may have left already */
    curl_easy_cleanup(easy);
}

size_t ahead_open(struct loop *loop, const struct target *target, size_t wanted,
                  const volatile sig_atomic_t *stop)
{
    struct curl_slist *headers = easy_headers(target, false);
    size_t handles = wanted < AT_ONCE ? wanted : AT_ONCE;
    CURL **easy = memory_new(handles, sizeof(CURL *));
    struct opening opening = {.loop = loop,
                              .a_shard = target->http2 ? 1 : LOOP_SHARD_TRANSFERS,
                              .running = handles,
                              .wanted = wanted};

    loop->on_done = on_done;
    loop->context = &opening;
    for (size_t i = 0; i < handles; i++)
        add(&opening, easy[i] = new_probe(target, headers));
    run(&opening, stop);
    for (size_t i = 0; i < handles; i++) {
        remove_probe(loop, easy[i]);
    }
    free(easy);
    curl_slist_free_all(headers);
    loop->on_done = NULL;
    return opening.opened;
}

/* --- While a row runs ------------------------------------------------------------------------- */

void spare_init(struct spare *spare, struct loop *loop, const struct target *target)
{
    struct curl_slist *headers = easy_headers(target, false);

    *spare = (struct spare){.easy = new_probe(target, headers), .headers = headers, .loop = loop};
}

void spare_open(struct spare *spare, size_t shard)
{
    spare->shard = shard;
    spare->opening = true;
    loop_add(spare->loop, shard, spare->easy);
}

void spare_ended(struct spare *spare)
{
    spare->opening = false;
}

void spare_clear(struct spare *spare)
{
    if (spare->opening)
        loop_remove(spare->loop, spare->shard, spare->easy);
    curl_easy_cleanup(spare->easy);
    curl_slist_free_all(spare->headers);
    *spare = (struct spare){0};
}
