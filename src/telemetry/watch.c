#include "telemetry/watch.h"

#include <errno.h>
#include <fnmatch.h>
#include <math.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/clock.h"
#include "core/memory.h"
#include "core/text.h"
#include "core/thread.h"
#include "load/fetch.h"
#include "telemetry/exposition.h"
#include "telemetry/reading.h"
#include "telemetry/window.h"

const char watch_file_ending[] = "_telemetry.jsonl";

/* How long a source may take for a response, and a step waits for those that respond. */
static const double response_most_s = 5, wait_most_s = 1;

struct poller;

/* A step that runs. */
struct watched_step {
    size_t index;
    FILE *file; /* NULL: it cannot be written, or is full */
    size_t written;
    size_t polls, failed_polls;
    bool ends;             /* its load is over */
    struct window *window; /* of each source */
    struct watched_step *next;
};

struct watch {
    pthread_mutex_t lock;
    pthread_cond_t change; /* on the monotonic clock */
    atomic_int stop;
    struct watch_listener listener;
    struct poller *poller;
    size_t count;
    struct watched_step *steps;
};

/* A source and its thread. */
struct poller {
    struct watch *watch;
    struct watch_source source;
    size_t number;
    struct target target;
    pthread_t thread;
    bool runs;
    bool is_failing, was_told;
    size_t wishes, fulfilled; /* for a reading at once */
};

/* --- One reading ------------------------------------------------------------------------------ */

/* What is being read of a source. */
struct poll {
    const struct poller *poller;
    struct reading reading;
    struct text samples; /* the members of a JSON object */
};

static bool is_kept(const struct watch_source *source, const struct exposition_sample *sample)
{
    enum known_part part;

    for (size_t i = 0; i < source->matches; i++) {
        if (fnmatch(source->match[i], sample->name, 0) == 0)
            return true;
    }
    return source->matches == 0 && known_find(sample, &part) != NULL;
}

/* As it is told: name{label="value"}. */
static void add_key(struct text *json, const struct exposition_sample *sample)
{
    struct text key = {0};

    text_add_string(&key, sample->name);
    for (size_t i = 0; i < sample->labels; i++) {
        text_add_string(&key, i > 0 ? "," : "{");
        text_add_string(&key, sample->label[i].name);
        text_add_char(&key, '=');
        exposition_add_value(&key, sample->label[i].value);
    }
    if (sample->labels > 0)
        text_add_char(&key, '}');
    text_add_json(json, key.bytes);
    text_clear(&key);
}

static void on_sample(void *context, const struct exposition_sample *sample)
{
    struct poll *poll = context;

    reading_add(&poll->reading, sample);
    if (!is_kept(&poll->poller->source, sample))
        return;
    text_add_string(&poll->samples, poll->samples.length > 0 ? ", " : "");
    add_key(&poll->samples, sample);
    text_add_string(&poll->samples, ": ");
    text_add_number(&poll->samples, sample->value);
}

/* False, with a sentence, where the source does not respond as one that tells metrics. */
static bool ask(const struct poller *poller, struct poll *poll, struct error *error)
{
    const struct fetch how = {
        .url = poller->source.url, .timeout_s = response_most_s, .stop = &poller->watch->stop};
    int64_t before_ns = clock_monotonic_ns();
    struct exposition_counts counts = {0};
    struct text body = {0};
    bool done = fetch_body(&poller->target, &how, &body, error);

    poll->poller = poller;
    reading_begin(&poll->reading, before_ns + (clock_monotonic_ns() - before_ns) / 2);
    if (done)
        exposition_read(body.bytes, body.length, on_sample, poll, &counts);
    reading_end(&poll->reading);
    if (done && counts.samples == 0)
        done = error_set(error, "the response holds no metrics");
    text_clear(&body);
    return done;
}

/* --- What is kept of it -------------------------------------------------------------------------
 */

static void write_line(struct watched_step *step, const struct text *line)
{
    static const char full[] = "{\"full\": true}\n";
    bool has_room = step->written + line->length + sizeof full <= WATCH_FILE_MOST;
    const char *bytes = has_room ? line->bytes : full;
    size_t length = has_room ? line->length : sizeof full - 1;

    if (!step->file)
        return;
    step->written += fwrite(bytes, 1, length, step->file);
    if (!has_room) {
        fclose(step->file);
        step->file = NULL;
    }
}

/* Under the lock. */
static void keep(struct poller *poller, const struct poll *poll)
{
    struct text line = {0};

    text_printf(&line, "{\"at_monotonic_ns\": %lld, \"source\": ", (long long)poll->reading.at_ns);
    text_add_json(&line, poller->source.url);
    text_add_string(&line, ", \"samples\": {");
    text_add(&line, poll->samples.bytes, poll->samples.length);
    text_add_string(&line, "}}\n");
    for (struct watched_step *step = poller->watch->steps; step; step = step->next) {
        struct window *window = &step->window[poller->number];

        window_take(window, &poll->reading, window->readings == 0 || step->ends);
        write_line(step, &line);
    }
    text_clear(&line);
}

/* Under the lock: counts the poll, and gives what is to be told of it, to be freed, or NULL. */
static char *conclude(struct poller *poller, const struct poll *poll, bool done,
                      const struct error *error)
{
    char *line = NULL;

    for (struct watched_step *step = poller->watch->steps; step; step = step->next) {
        step->polls++;
        step->failed_polls += !done;
    }
    if (done)
        keep(poller, poll);
    else if (!poller->was_told)
        line = memory_printf("telemetry: %s: %s; it is asked on, and nothing waits for it",
                             poller->source.url, error->text);
    poller->was_told |= !done;
    poller->is_failing = !done;
    return line;
}

static void poll_once(struct poller *poller)
{
    struct watch *watch = poller->watch;
    struct poll *poll = memory_new(1, sizeof *poll);
    size_t wishes = poller->wishes;
    struct error error;
    char *line;
    bool done;

    pthread_mutex_unlock(&watch->lock);
    done = ask(poller, poll, &error);
    pthread_mutex_lock(&watch->lock);
    line = watch->stop ? NULL : conclude(poller, poll, done, &error);
    poller->fulfilled = wishes;
    pthread_cond_broadcast(&watch->change);
    if (line) {
        pthread_mutex_unlock(&watch->lock);
        watch->listener.tell(watch->listener.context, line);
        pthread_mutex_lock(&watch->lock);
    }
    free(line);
    text_clear(&poll->samples);
    free(poll);
}

/* --- Waiting ---------------------------------------------------------------------------------- */

/* Under the lock; false where the moment has come. */
static bool wait_until(struct watch *watch, int64_t moment_ns)
{
    const struct timespec until = {.tv_sec = moment_ns / CLOCK_NS_PER_S,
                                   .tv_nsec = moment_ns % CLOCK_NS_PER_S};

    return pthread_cond_timedwait(&watch->change, &watch->lock, &until) != ETIMEDOUT;
}

/* A source is asked while steps run, and where a step wishes for it. */
static void *watch_source(void *context)
{
    struct poller *poller = context;
    struct watch *watch = poller->watch;
    int64_t every_ns = clock_from_seconds(poller->source.every_s);
    int64_t due_ns = clock_monotonic_ns();

    pthread_mutex_lock(&watch->lock);
    while (!watch->stop) {
        int64_t now_ns = clock_monotonic_ns();

        if (poller->wishes != poller->fulfilled || (watch->steps && now_ns >= due_ns)) {
            poll_once(poller);
            due_ns = now_ns + every_ns;
        } else {
            wait_until(watch, watch->steps ? due_ns : now_ns + CLOCK_NS_PER_S);
        }
    }
    pthread_mutex_unlock(&watch->lock);
    return NULL;
}

static bool awaits_any(const struct watch *watch)
{
    for (size_t i = 0; i < watch->count; i++) {
        const struct poller *poller = &watch->poller[i];

        if (poller->runs && !poller->is_failing && poller->wishes != poller->fulfilled)
            return true;
    }
    return false;
}

/* Under the lock: a reading of each source that begins after this was called. */
static void wish(struct watch *watch)
{
    int64_t until_ns = clock_monotonic_ns() + clock_from_seconds(wait_most_s);

    for (size_t i = 0; i < watch->count; i++)
        watch->poller[i].wishes++;
    pthread_cond_broadcast(&watch->change);
    while (awaits_any(watch) && wait_until(watch, until_ns))
        continue;
}

/* --- Steps ------------------------------------------------------------------------------------ */

void watch_begin_step(struct watch *watch, size_t step, const char *path)
{
    struct watched_step *watched;

    if (!watch)
        return;
    watched = memory_new(1, sizeof *watched);
    watched->index = step;
    watched->window = memory_new(watch->count, sizeof *watched->window);
    watched->file = fopen(path, "wxe");
    if (!watched->file) {
        char *line = memory_printf("telemetry: %s cannot be written: %s", path, strerror(errno));

        watch->listener.tell(watch->listener.context, line);
        free(line);
    }
    pthread_mutex_lock(&watch->lock);
    watched->next = watch->steps;
    watch->steps = watched;
    wish(watch);
    pthread_mutex_unlock(&watch->lock);
}

static struct watched_step **find_step(struct watch *watch, size_t step)
{
    struct watched_step **at = &watch->steps;

    while (*at && (*at)->index != step)
        at = &(*at)->next;
    return at;
}

static struct watched_step *take_out(struct watch *watch, size_t step)
{
    struct watched_step **at = find_step(watch, step), *watched = *at;

    if (watched)
        *at = watched->next;
    return watched;
}

static void free_step(struct watched_step *watched)
{
    if (watched->file)
        fclose(watched->file);
    free(watched->window);
    free(watched);
}

void watch_end_step(struct watch *watch, size_t step, struct telemetry_figures *figures)
{
    struct watched_step *watched;

    window_conclude(NULL, 0, figures);
    if (!watch)
        return;
    pthread_mutex_lock(&watch->lock);
    watched = *find_step(watch, step);
    if (watched)
        watched->ends = true;
    wish(watch);
    watched = take_out(watch, step);
    pthread_mutex_unlock(&watch->lock);
    if (!watched)
        return;
    window_conclude(watched->window, watch->count, figures);
    figures->polls = watched->polls;
    figures->failed_polls = watched->failed_polls;
    free_step(watched);
}

/* --- The whole -------------------------------------------------------------------------------- */

/* The key and all that goes with it belong to the endpoint's own origin alone. */
static struct target target_of(const struct target *target, const char *url)
{
    char *own = fetch_origin(target->chat_url), *its = fetch_origin(url);
    struct target aimed = *target;

    if (!own || !its || strcmp(own, its) != 0) {
        aimed.key_header = NULL;
        aimed.headers = NULL;
        aimed.proxy = NULL;
        aimed.addresses = NULL;
    }
    aimed.http2 = false;
    free(own);
    free(its);
    return aimed;
}

struct watch *watch_new(const struct target *target, const struct watch_source *sources,
                        size_t count, const struct watch_listener *listener)
{
    pthread_condattr_t monotonic;
    struct watch *watch;

    if (count == 0)
        return NULL;
    watch = memory_new(1, sizeof *watch);
    pthread_mutex_init(&watch->lock, NULL);
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&watch->change, &monotonic);
    pthread_condattr_destroy(&monotonic);
    watch->listener = *listener;
    watch->count = count;
    watch->poller = memory_new(count, sizeof *watch->poller);
    for (size_t i = 0; i < count; i++) {
        struct poller *poller = &watch->poller[i];

        *poller = (struct poller){.watch = watch, .source = sources[i], .number = i};
        poller->source.url = memory_text(sources[i].url);
        poller->target = target_of(target, poller->source.url);
        poller->runs = thread_start(&poller->thread, "telemetry", watch_source, poller);
    }
    return watch;
}

void watch_free(struct watch *watch)
{
    if (!watch)
        return;
    pthread_mutex_lock(&watch->lock);
    watch->stop = 1;
    pthread_cond_broadcast(&watch->change);
    pthread_mutex_unlock(&watch->lock);
    for (size_t i = 0; i < watch->count; i++) {
        if (watch->poller[i].runs)
            pthread_join(watch->poller[i].thread, NULL);
        free(watch->poller[i].source.url);
    }
    while (watch->steps)
        free_step(take_out(watch, watch->steps->index));
    pthread_cond_destroy(&watch->change);
    pthread_mutex_destroy(&watch->lock);
    free(watch->poller);
    free(watch);
}
