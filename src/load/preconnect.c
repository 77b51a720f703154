#include "load/preconnect.h"

#include "core/clock.h"
#include "load/easy.h"
#include "load/loop.h"
#include "load/route.h"

enum { AT_ONCE = 64, TURN_NS = 100000000 };

/* A handle, and the shard that it is in. CURLOPT_PRIVATE is for transfers. */
struct probe {
    CURL *easy;
    size_t shard;
};

struct opening {
    struct loop *loop;
    struct probe probe[AT_ONCE];
    const struct target *target;
    size_t a_shard; /* how many connections a shard needs */
    size_t begun, running, opened, failed, wanted;
};

static size_t ignore_body(char *bytes, size_t size, size_t count, void *context)
{
    (void)bytes;
    (void)context;
    return size * count;
}

/* Each connection is opened in the shard that will use it, and where the requests are spread over
 * addresses, to each of them as many. */
static void add(struct opening *opening, struct probe *probe)
{
    size_t turn = opening->begun++;

    probe->shard = turn / opening->a_shard;
    route_set(probe->easy, opening->target->addresses, turn);
    loop_add(opening->loop, probe->shard, probe->easy);
}

static struct probe *probe_of(struct opening *opening, const CURL *easy)
{
    struct probe *probe = opening->probe;

    while (probe->easy != easy)
        probe++;
    return probe;
}

static void on_done(void *context, CURL *easy, CURLcode result)
{
    struct opening *opening = context;

    opening->running--;
    opening->loop->idle_silent |= result == CURLE_OPERATION_TIMEDOUT;
    if (result == CURLE_OK)
        opening->opened++; /* the server may yet close it; the request then says new_connection */
    else
        opening->failed++;
    if (opening->failed == 0 && opening->begun < opening->wanted) {
        opening->running++;
        add(opening, probe_of(opening, easy));
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
    curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)(1000 * target->connect_timeout_s));
    return easy;
}

static void run(struct opening *opening, const atomic_int *stop)
{
    while (opening->running > 0 && !*stop)
        loop_turn(opening->loop, clock_monotonic_ns() + TURN_NS);
}

static void remove_probe(struct loop *loop, const struct probe *probe)
{
    loop_remove(loop, probe->shard, probe->easy); /* which it may have left already */
    curl_easy_cleanup(probe->easy);
}

size_t preconnect_open(struct loop *loop, const struct target *target, size_t wanted,
                       const atomic_int *stop)
{
    struct curl_slist *headers = easy_headers(target, false);
    size_t handles = wanted < AT_ONCE ? wanted : AT_ONCE;
    struct opening opening = {.loop = loop,
                              .target = target,
                              .a_shard = target->http2 ? route_count(target->addresses)
                                                       : LOOP_SHARD_TRANSFERS,
                              .running = handles,
                              .wanted = wanted};

    loop->on_done = on_done;
    loop->context = &opening;
    for (size_t i = 0; i < handles; i++) {
        opening.probe[i].easy = new_probe(target, headers);
        add(&opening, &opening.probe[i]);
    }
    run(&opening, stop);
    for (size_t i = 0; i < handles; i++)
        remove_probe(loop, &opening.probe[i]);
    curl_slist_free_all(headers);
    loop->on_done = NULL;
    loop->context = NULL;
    return opening.opened;
}

/* --- While a row runs ------------------------------------------------------------------------- */

void preconnections_init(struct preconnections *preconnections, struct loop *loop,
                         const struct target *target)
{
    *preconnections = (struct preconnections){
        .loop = loop, .target = target, .headers = easy_headers(target, false)};
}

static struct preconnection *find_free(struct preconnections *preconnections)
{
    for (size_t i = 0; i < PRECONNECTIONS_MOST; i++) {
        if (!preconnections->preconnection[i].opening)
            return &preconnections->preconnection[i];
    }
    return NULL;
}

bool preconnections_open(struct preconnections *preconnections, size_t shard, size_t turn)
{
    struct preconnection *preconnection = find_free(preconnections);

    if (!preconnection)
        return false;
    if (!preconnection->easy)
        preconnection->easy = new_probe(preconnections->target, preconnections->headers);
    route_set(preconnection->easy, preconnections->target->addresses, turn);
    preconnection->shard = shard;
    preconnection->opening = true;
    preconnections->opening++;
    loop_add(preconnections->loop, shard, preconnection->easy);
    return true;
}

void preconnections_ended(struct preconnections *preconnections, const CURL *easy)
{
    for (size_t i = 0; i < PRECONNECTIONS_MOST; i++) {
        if (preconnections->preconnection[i].easy == easy) {
            preconnections->preconnection[i].opening = false;
            preconnections->opening--;
        }
    }
}

size_t preconnections_opening(const struct preconnections *preconnections, size_t shard)
{
    size_t count = 0;

    for (size_t i = 0; i < PRECONNECTIONS_MOST && preconnections->opening > 0; i++)
        count += preconnections->preconnection[i].opening &&
                 preconnections->preconnection[i].shard == shard;
    return count;
}

void preconnections_clear(struct preconnections *preconnections)
{
    for (size_t i = 0; i < PRECONNECTIONS_MOST; i++) {
        struct preconnection *preconnection = &preconnections->preconnection[i];

        if (preconnection->opening)
            loop_remove(preconnections->loop, preconnection->shard, preconnection->easy);
        curl_easy_cleanup(preconnection->easy);
    }
    curl_slist_free_all(preconnections->headers);
    *preconnections = (struct preconnections){0};
}
