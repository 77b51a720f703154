#include "telemetry/residents.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/clock.h"
#include "core/memory.h"
#include "core/thread.h"
#include "load/fetch.h"
#include "load/follow.h"
#include "plan/address.h"
#include "telemetry/known_state.h"
#include "telemetry/load_events.h"
#include "wire/endpoint.h"

/* How long a response may take, and loading or unloading in all; how long between two looks. */
static const double response_most_s = 5, control_most_s = 60, between_s = 0.02;

struct residents {
    struct residents_how how;
    enum state_source source;
    pthread_mutex_t lock;  /* of the events, and … */
    pthread_cond_t change; /* … of this: the stream is open, or will not be */
    bool settled;
    struct load_events events;
    pthread_t thread;
    bool runs;
    atomic_int stop; /* of the thread */
};

static char *url_of(const struct residents *residents, const char *path)
{
    return address_join(endpoint_at_root(residents->how.address, path), residents->how.query);
}

/* A GET, or a POST of `sent`. */
static bool ask(const struct residents *residents, const char *path, const struct text *sent,
                double most_s, struct text *body, struct error *error)
{
    char *url = url_of(residents, path);
    const struct fetch how = {
        .url = url, .sent = sent, .timeout_s = most_s, .stop = residents->how.stop};
    struct error why;
    bool done = fetch_body(residents->how.target, &how, body, &why);

    free(url);
    return done || error_set(error, "%s: %s", path, why.text);
}

/* --- What is loaded --------------------------------------------------------------------------- */

/* Nothing is in memory; most servers do not know the question. */
static bool is_asleep(const struct residents *residents, const char *path)
{
    struct text body = {0};
    struct error none;
    bool asleep = path && ask(residents, path, NULL, response_most_s, &body, &none) && body.bytes &&
                  strstr(body.bytes, "\"is_sleeping\"") && strstr(body.bytes, "true");

    text_clear(&body);
    return asleep;
}

static bool ask_as(const struct residents *residents, enum state_source source,
                   struct loaded *loaded, struct error *error)
{
    const struct known_state *known = known_state(source);
    struct text body = {0};
    bool done = ask(residents, known->lists, NULL, response_most_s, &body, error);

    if (done && !loaded_read(source, body.bytes ? body.bytes : "", body.length, loaded))
        done = error_set(error, "%s: the response is none of %s", known->lists,
                         state_source_words[source]);
    text_clear(&body);
    if (done && is_asleep(residents, known->sleeps)) {
        for (size_t i = 0; i < loaded->models; i++)
            loaded->model[i].word = STATE_NOT_LOADED;
    }
    return done;
}

bool residents_ask(struct residents *residents, struct loaded *loaded, struct error *error)
{
    return ask_as(residents, residents->source, loaded, error);
}

/* --- Which server it is ----------------------------------------------------------------------- */

/* What others list at the same path is not enough. */
static bool is_known_by(const struct residents *residents, enum state_source source)
{
    struct loaded loaded = {0};
    struct text version = {0};
    struct error none;
    bool is = ask_as(residents, source, &loaded, &none);

    if (source == STATE_SOURCE_LLAMA_CPP)
        is = is && loaded.has_status;
    if (source == STATE_SOURCE_VLLM)
        is = is && ask(residents, "/ping", NULL, response_most_s, &version, &none) &&
             ask(residents, "/version", NULL, response_most_s, &version, &none);
    text_clear(&version);
    loaded_clear(&loaded);
    return is;
}

/* What is told most of comes first. */
static enum state_source find_source(const struct residents *residents)
{
    for (int source = STATE_SOURCE_LLAMA_CPP; source < STATE_SOURCES; source++) {
        if (!*residents->how.stop && is_known_by(residents, (enum state_source)source))
            return (enum state_source)source;
    }
    return STATE_SOURCE_NONE;
}

/* --- Its events ------------------------------------------------------------------------------- */

static void on_line(void *context, char *line, size_t length)
{
    struct residents *residents = context;
    int64_t now_ns = clock_monotonic_ns();

    pthread_mutex_lock(&residents->lock);
    load_events_take(&residents->events, residents->source, line, length, now_ns);
    pthread_mutex_unlock(&residents->lock);
}

static void settle(void *context)
{
    struct residents *residents = context;

    pthread_mutex_lock(&residents->lock);
    residents->settled = true;
    pthread_cond_broadcast(&residents->change);
    pthread_mutex_unlock(&residents->lock);
}

static void pause_for(double seconds)
{
    const struct timespec time = {(time_t)seconds,
                                  (long)(1e9 * (seconds - (double)(time_t)seconds))};

    nanosleep(&time, NULL);
}

/* A stream that breaks off is taken up again; a server that refuses it is not asked twice. */
static void *follow_events(void *context)
{
    struct residents *residents = context;
    char *url = url_of(residents, known_state(residents->source)->events);
    const struct follow how = {url, &residents->stop, on_line, settle, residents};

    while (!residents->stop && follow(residents->how.target, &how)) {
        for (int i = 0; i < 10 && !residents->stop; i++)
            pause_for(0.1);
    }
    settle(residents);
    free(url);
    return NULL;
}

/* What is loaded from here on is seen. */
static void start_events(struct residents *residents)
{
    int64_t until_ns = clock_wall_ns() + clock_from_seconds(response_most_s);
    const struct timespec until = {until_ns / CLOCK_NS_PER_S, until_ns % CLOCK_NS_PER_S};

    residents->runs = thread_start(&residents->thread, "events", follow_events, residents);
    pthread_mutex_lock(&residents->lock);
    while (residents->runs && !residents->settled &&
           pthread_cond_timedwait(&residents->change, &residents->lock, &until) == 0)
        continue;
    pthread_mutex_unlock(&residents->lock);
}

double residents_load_s(struct residents *residents, const char *model, int64_t from_ns,
                        int64_t to_ns)
{
    double seconds;

    pthread_mutex_lock(&residents->lock);
    seconds = load_events_s(&residents->events, model, from_ns, to_ns);
    pthread_mutex_unlock(&residents->lock);
    return seconds;
}

/* --- Loading and unloading -------------------------------------------------------------------- */

/* A control under way. */
struct controlling {
    struct residents *residents;
    enum state_control control;
    const char *model;
    int64_t deadline_ns;
};

static double left_s(const struct controlling *controlling)
{
    return clock_seconds(clock_monotonic_ns(), controlling->deadline_ns);
}

static bool is_reached(const struct controlling *controlling, const struct loaded *loaded)
{
    switch (controlling->control) {
    case STATE_CONTROL_UNLOAD_ALL:
        return !loaded_any(loaded);
    case STATE_CONTROL_UNLOAD_THIS:
        return loaded_find(loaded, controlling->model) == STATE_NOT_LOADED;
    default:
        return loaded_find(loaded, controlling->model) == STATE_LOADED;
    }
}

static bool send(const struct controlling *controlling, bool known,
                 struct known_state_request *request, struct error *error)
{
    struct text body = {0};
    bool done =
        known ? ask(controlling->residents, request->path, request->is_get ? NULL : &request->body,
                    left_s(controlling), &body, error)
              : error_set(error, "%s cannot be asked to",
                          state_source_words[controlling->residents->source]);

    text_clear(&body);
    known_state_request_clear(request);
    return done;
}

static bool unload(const struct controlling *controlling, const char *model, struct error *error)
{
    struct known_state_request request;
    bool known = known_state_unload(controlling->residents->source, model, &request);

    return send(controlling, known, &request, error);
}

static bool unload_all(const struct controlling *controlling, const struct loaded *loaded,
                       struct error *error)
{
    const char *unloads = known_state(controlling->residents->source)->unloads;
    struct known_state_request request = {.path = unloads ? memory_text(unloads) : NULL};
    bool done = true;

    text_add_string(&request.body, "{}");
    if (unloads)
        return send(controlling, true, &request, error);
    known_state_request_clear(&request);
    for (size_t i = 0; i < loaded->models; i++) {
        if (loaded->model[i].word != STATE_NOT_LOADED)
            done &= unload(controlling, loaded->model[i].name, error);
    }
    return done;
}

static bool carry_out(const struct controlling *controlling, const struct loaded *loaded,
                      struct error *error)
{
    struct known_state_request request;
    bool known;

    if (controlling->control == STATE_CONTROL_UNLOAD_ALL)
        return unload_all(controlling, loaded, error);
    if (controlling->control == STATE_CONTROL_UNLOAD_THIS)
        return unload(controlling, controlling->model, error);
    known = known_state_load(controlling->residents->source, controlling->model, &request);
    return send(controlling, known, &request, error);
}

/* Whether it is as it should be now; false with a sentence where it cannot be asked. */
static bool look(const struct controlling *controlling, bool *reached, struct loaded *loaded,
                 struct error *error)
{
    bool done;

    loaded_clear(loaded);
    done = residents_ask(controlling->residents, loaded, error);
    *reached = done && is_reached(controlling, loaded);
    return done;
}

static bool wait(const struct controlling *controlling, struct loaded *loaded, struct error *error)
{
    bool reached = false;

    while (look(controlling, &reached, loaded, error) && !reached) {
        if (*controlling->residents->how.stop)
            return error_set(error, "it was interrupted");
        if (left_s(controlling) <= 0)
            return error_set(error, "not done after %.0f s, by %s", control_most_s,
                             known_state(controlling->residents->source)->lists);
        pause_for(between_s);
    }
    return reached;
}

bool residents_control(struct residents *residents, enum state_control control, const char *model,
                       struct error *error)
{
    const struct controlling controlling = {
        residents, control, model, clock_monotonic_ns() + clock_from_seconds(control_most_s)};
    struct loaded loaded = {0};
    bool reached = false;
    bool done = look(&controlling, &reached, &loaded, error);

    if (done && !reached)
        done = carry_out(&controlling, &loaded, error) && wait(&controlling, &loaded, error);
    loaded_clear(&loaded);
    return done;
}

/* --- Life ------------------------------------------------------------------------------------- */

struct residents *residents_new(const struct residents_how *how, struct error *error)
{
    struct residents *residents = memory_new(1, sizeof *residents);

    residents->how = *how;
    pthread_mutex_init(&residents->lock, NULL);
    pthread_cond_init(&residents->change, NULL);
    residents->source = how->source == STATE_SOURCE_AUTO ? find_source(residents) : how->source;
    if (residents->source == STATE_SOURCE_NONE) {
        residents_free(residents);
        error_set(error, "the endpoint answers as none of llama.cpp's router, llama-swap, ollama "
                         "and vllm");
        return NULL;
    }
    if (known_state(residents->source)->events)
        start_events(residents);
    return residents;
}

enum state_source residents_source(const struct residents *residents)
{
    return residents->source;
}

void residents_free(struct residents *residents)
{
    if (!residents)
        return;
    residents->stop = 1;
    if (residents->runs)
        pthread_join(residents->thread, NULL);
    load_events_clear(&residents->events);
    pthread_cond_destroy(&residents->change);
    pthread_mutex_destroy(&residents->lock);
    free(residents);
}
