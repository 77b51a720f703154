#include "job/readiness.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/clock.h"
#include "core/memory.h"
#include "core/random.h"
#include "job/aim.h"
#include "job/interrupt.h"
#include "job/listing.h"
#include "load/fetch.h"
#include "load/load.h"
#include "plan/address.h"
#include "prompt/words.h"
#include "wire/known_server.h"

static const double between_s = 0.5; /* looks at an endpoint that is not ready */

enum { WORDS = 16, STATUS_TOO_EARLY = 425, STATUS_TOO_MANY = 429 };

/* A wait under way. */
struct waiting {
    const struct preparation *preparation;
    int64_t deadline_ns;
    bool ready, hopeless, no_health;
    struct error why; /* the last look's */
};

static double left_s(const struct waiting *waiting)
{
    double left = clock_seconds(clock_monotonic_ns(), waiting->deadline_ns);

    return left > 0 ? left : 0;
}

const char *readiness_model(const struct preparation *preparation)
{
    const struct order *order = &preparation->order;

    return preparation->rows.row[order->visit[order->count - 1].row].model_name;
}

/* --- GET /health ------------------------------------------------------------------------------ */

/* What a server says that is starting, or a proxy before it; any other status is no /health. */
static bool is_not_yet(int status)
{
    return (status >= 500 && status != 501) || status == 408 || status == STATUS_TOO_EARLY ||
           status == STATUS_TOO_MANY;
}

static void look_at_health(struct waiting *waiting)
{
    const struct target *target = &waiting->preparation->target;
    double left = left_s(waiting), most = target->connect_timeout_s;
    const struct fetch how = {.url = waiting->preparation->health_url,
                              .timeout_s = left < most ? left : most,
                              .stop = &interrupt_asked};
    struct fetched fetched = {0};

    if (!fetch_ask(target, &how, &fetched, &waiting->why))
        ; /* nobody listens yet, or says nothing */
    else if (fetched.status == 200)
        waiting->ready = true;
    else if (is_not_yet(fetched.status))
        error_set(&waiting->why, "GET /health returns HTTP %d", fetched.status);
    else
        waiting->no_health = true;
    fetched_clear(&fetched);
}

/* --- One token -------------------------------------------------------------------------------- */

static void compose(void *context, struct composed *composed)
{
    const struct waiting *waiting = context;
    uint64_t key[] = {(uint64_t)waiting->preparation->settings.seed, 0x7265616479};
    struct random random;

    random_init(&random, key, 2);
    words_add(&random, WORDS, &composed->prompt);
    composed->asked = (struct asked){.input_tokens = WORDS, .output_tokens = 1, .words = WORDS};
}

/* A token without text is one too. */
static enum load_decision on_request_done(void *context, const struct request *request,
                                          const struct request_texts *texts)
{
    struct waiting *waiting = context;
    int status = request->end == REQUEST_HTTP_ERROR ? request->http_status : 0;

    (void)texts;
    waiting->ready = request->end == REQUEST_COMPLETED || request->end == REQUEST_EMPTY_RESPONSE;
    waiting->hopeless = status >= 300 && status != 404 && !is_not_yet(status);
    error_set(&waiting->why, "%s", request->message);
    return LOAD_CONTINUE;
}

static void ignore_progress(void *context, const struct load_progress *progress)
{
    (void)context;
    (void)progress;
}

static void ask_for_token(struct waiting *waiting)
{
    const struct preparation *preparation = waiting->preparation;
    struct row row = {.model_name = (char *)readiness_model(preparation),
                      .num_requests = 1,
                      .concurrent_requests = 1,
                      .input_tokens = WORDS,
                      .output_tokens = 1};
    struct ask ask = aim_ask(&preparation->settings, row.model_name, 1);
    struct load_result result = {0};
    struct body body = {0};
    struct load load = {.target = &preparation->target,
                        .row = &row,
                        .body = &body,
                        .timeout_s = left_s(waiting),
                        .threads = 1,
                        .stop = &interrupt_asked,
                        .context = waiting,
                        .compose = compose,
                        .on_request_done = on_request_done,
                        .on_progress = ignore_progress};

    preparation->target.dialect->write_body(&ask, &body);
    load_run(&load, &result, &waiting->why);
    body_clear(&body);
}

/* --- The wait --------------------------------------------------------------------------------- */

static void wait(struct waiting *waiting)
{
    waiting->no_health = !waiting->preparation->health_url;
    while (!waiting->ready && !waiting->hopeless && !interrupt_asked && left_s(waiting) > 0) {
        bool by_token = waiting->no_health;

        if (by_token)
            ask_for_token(waiting);
        else
            look_at_health(waiting);
        if (!waiting->ready && !waiting->hopeless && by_token == waiting->no_health)
            interrupt_sleep(left_s(waiting) < between_s ? left_s(waiting) : between_s);
    }
}

static void tell(const struct waiting *waiting, double waited_s, struct progress *progress)
{
    char line[400];

    if (waiting->no_health)
        snprintf(line, sizeof line, "ready after %.1f s: '%.200s' responded with one token",
                 waited_s, readiness_model(waiting->preparation));
    else
        snprintf(line, sizeof line, "ready after %.1f s: GET /health returns 200", waited_s);
    progress_say(progress, line);
}

bool readiness_wait(const struct preparation *preparation, struct progress *progress,
                    struct manifest *manifest, struct error *error)
{
    double most_s = preparation->settings.wait_ready_s, waited_s;
    int64_t began = clock_monotonic_ns();
    struct waiting waiting = {.preparation = preparation,
                              .deadline_ns = began + clock_from_seconds(most_s)};
    struct manifest_ready ready;

    if (most_s == 0)
        return true;
    wait(&waiting);
    waited_s = clock_seconds(began, clock_monotonic_ns());
    if (!waiting.ready)
        return interrupt_asked ||
               error_set(error, "the endpoint was not ready %s (wait_ready: %g s): %s",
                         waiting.hopeless ? "and refuses requests" : "in time", most_s,
                         waiting.why.text);
    tell(&waiting, waited_s, progress);
    ready =
        (struct manifest_ready){waited_s, waiting.no_health ? readiness_model(preparation) : NULL};
    manifest_set_ready(manifest, &ready);
    return true;
}

/* --- What the server is ----------------------------------------------------------------------- */

/* What is left of one connect_timeout. */
static bool ask(const struct preparation *preparation, const char *url, int64_t deadline_ns,
                struct fetched *fetched)
{
    const struct fetch how = {.url = url,
                              .timeout_s = clock_seconds(clock_monotonic_ns(), deadline_ns),
                              .stop = &interrupt_asked};
    struct error error;

    return how.timeout_s > 0 && fetch_ask(&preparation->target, &how, fetched, &error) &&
           fetched->status == 200;
}

/* Strings as they are read, so that no escape hides a secret in them. */
static char *plain_json(const struct preparation *preparation, const struct text *body)
{
    char *json = known_server_json(body->bytes ? body->bytes : "", body->length);

    if (json)
        target_strike_out(&preparation->target, json, strlen(json));
    return json;
}

bool readiness_ask_server(const struct preparation *preparation, struct manifest *manifest)
{
    const char *url = preparation->models_url ? preparation->models_url : preparation->idle_url;
    int64_t deadline_ns =
        clock_monotonic_ns() + clock_from_seconds(preparation->target.connect_timeout_s);
    struct fetched models = {0}, about = {0};
    struct manifest_server server = {0};
    const struct known_server *known = NULL;
    char *listed = NULL, *reported = NULL;
    bool lists = ask(preparation, url, deadline_ns, &models) && preparation->models_url, silent;

    if (preparation->models_url)
        listing_take(preparation, &models);
    if (lists) {
        listed = plain_json(preparation, &models.body);
        known = known_server_find(models.server, listed);
    }
    if (known) {
        char *path = address_join(known_server_url(known, preparation->endpoint.address),
                                  preparation->endpoint.query);

        if (ask(preparation, path, deadline_ns, &about))
            reported = plain_json(preparation, &about.body);
        free(path);
    }
    server =
        (struct manifest_server){models.server, listed, known ? known->member : NULL, reported};
    manifest_set_server(manifest, &server);
    silent = models.timed_out;
    free(listed);
    free(reported);
    fetched_clear(&about);
    fetched_clear(&models);
    return silent;
}
