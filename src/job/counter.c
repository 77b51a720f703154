#include "job/counter.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "job/aim.h"
#include "job/interrupt.h"
#include "job/listing.h"
#include "load/fetch.h"
#include "load/load.h"
#include "plan/address.h"
#include "prompt/judgement.h"
#include "prompt/words.h"

enum { WORDS_SHORT = 16, WORDS_LONG = 512, WORDS_LONG_LEAST = 64, WORDS_PREFIX = 8 };

static const struct settings *settings_of(const struct counter *counter)
{
    return &counter->preparation->settings;
}

/* --- What is sent ----------------------------------------------------------------------------- */

static void add_prompt(const struct counter *counter, size_t k, struct text *prompt)
{
    uint64_t key[] = {(uint64_t)settings_of(counter)->seed, (uint64_t)counter->words[k]};
    struct random random;

    random_init(&random, key, 2);
    words_add(&random, counter->words[k] - (counter->prefix ? WORDS_PREFIX : 0), prompt);
}

/* A system message of a few words; which they are, changes no count. */
static char *make_prefix(const struct counter *counter)
{
    const uint64_t key[] = {(uint64_t)settings_of(counter)->seed, WORDS_PREFIX};
    struct text text = {0};
    struct random random;

    random_init(&random, key, 2);
    words_add(&random, WORDS_PREFIX, &text);
    return text_take(&text);
}

/* Two lengths tell the template's share from a word's. No longer than what the rows ask for, so
 * that a longer sequence's configuration is not loaded for it. */
static void choose_lengths(struct counter *counter)
{
    const struct rows *rows = &counter->preparation->rows;
    const struct listed_models *models = listing_models(counter->preparation, NULL);
    int64_t least = WORDS_LONG;

    for (size_t i = 0; i < rows->count; i++) {
        const struct row *row = &rows->row[i];

        if (!listed_models_same(models, row->model_name, counter->row->model_name))
            continue;
        if (row->input_tokens < least)
            least = row->input_tokens;
        if (row->input_tokens > counter->asked)
            counter->asked = row->input_tokens;
    }
    counter->prompts = COUNTER_LENGTHS;
    counter->words[0] = WORDS_SHORT;
    counter->words[1] = least > WORDS_LONG_LEAST ? least : WORDS_LONG_LEAST;
}

/* A silent endpoint may be loading the model; one that loads none for this responds at once. */
static struct fetch fetch_of(const struct counter *counter, const char *url,
                             const struct text *sent)
{
    const struct settings *settings = settings_of(counter);
    double patience_s = counter->without_requests ? settings->connection.connect_timeout_s
                                                  : settings->connection.idle_timeout_s;

    return (struct fetch){.url = url,
                          .sent = sent,
                          .timeout_s = fmin(settings->timeout_s, patience_s),
                          .stop = &interrupt_asked};
}

static struct ask ask_of(const struct counter *counter)
{
    struct ask ask = aim_ask(settings_of(counter), counter->row->model_name, 1);

    ask.prefix = counter->prefix;
    return ask;
}

/* --- One prompt, counted ---------------------------------------------------------------------- */

static bool count_at(struct counter *counter, const struct count_endpoint *counting, size_t k)
{
    const struct preparation *preparation = counter->preparation;
    char *url = address_join(count_url(counting, preparation->endpoint.address),
                             preparation->endpoint.query);
    char *shown = address_hide(url);
    struct text prompt = {0}, sent = {0}, body = {0};
    const struct fetch how = fetch_of(counter, url, &sent);
    bool done;

    add_prompt(counter, k, &prompt);
    count_write_body(counting, counter->row->model_name, counter->prefix, prompt.bytes, &sent);
    done = fetch_body(&preparation->target, &how, &body, &counter->error) &&
           (count_read(counting, body.bytes ? body.bytes : "", body.length, &counter->tokens[k]) ||
            error_set(&counter->error, "%s does not hold \"%s\"", shown, counting->member));
    counter->touched |= done;
    text_clear(&prompt);
    text_clear(&sent);
    text_clear(&body);
    free(shown);
    free(url);
    return done;
}

/* What load_run calls back about one streamed request. */
struct streaming {
    struct counter *counter;
    size_t k;
    bool counted;
};

static void compose(void *context, struct composed *composed)
{
    const struct streaming *streaming = context;
    int64_t words = streaming->counter->words[streaming->k];

    add_prompt(streaming->counter, streaming->k, &composed->prompt);
    composed->asked = (struct asked){.input_tokens = words, .output_tokens = 1, .words = words};
}

/* One token may be a special one without text: then the response is empty, and counted. */
static enum load_decision on_request_done(void *context, const struct request *request,
                                          const struct request_texts *texts)
{
    struct streaming *streaming = context;
    struct counter *counter = streaming->counter;
    bool came = request->end == REQUEST_COMPLETED || request->end == REQUEST_EMPTY_RESPONSE;

    (void)texts;
    streaming->counted = came && request->usage.input_tokens > 0;
    if (streaming->counted)
        counter->tokens[streaming->k] = llround(request->usage.input_tokens);
    else if (came)
        error_set(&counter->error, "the response does not report how many tokens the prompt has");
    else
        error_set(&counter->error, "%s", request->message);
    counter->no_usage = came && !streaming->counted;
    return LOAD_CONTINUE;
}

static void ignore_progress(void *context, const struct load_progress *progress)
{
    (void)context;
    (void)progress;
}

static bool count_streamed(struct counter *counter, const struct count_endpoint *counting, size_t k)
{
    const struct preparation *preparation = counter->preparation;
    struct streaming streaming = {.counter = counter, .k = k};
    const struct ask ask = ask_of(counter);
    struct row row = row_copy(counter->row);
    struct load_result result = {0};
    struct body body = {0};
    struct load load = {.target = &preparation->target,
                        .row = &row,
                        .body = &body,
                        .timeout_s = settings_of(counter)->timeout_s,
                        .threads = 1,
                        .stop = &interrupt_asked,
                        .context = &streaming,
                        .compose = compose,
                        .on_request_done = on_request_done,
                        .on_progress = ignore_progress};

    (void)counting;
    row.num_requests = row.concurrent_requests = 1;
    row.duration_s = 0;
    row.turns = 0;
    row.warmup_requests = row.cooldown_requests = 0;
    row_forget_pacing(&row);
    preparation->target.dialect->write_body(&ask, &body);
    counter->touched = counter->requested = true;
    load_run(&load, &result, &counter->error);
    body_clear(&body);
    row_clear(&row);
    return streaming.counted;
}

/* Without streaming: the body says what the stream left out. */
static bool count_whole(struct counter *counter, size_t k)
{
    const struct target *target = &counter->preparation->target;
    struct ask ask = ask_of(counter);
    struct text prompt = {0}, page = {0}, content = {0};
    struct body body = {0};
    const struct fetch how = fetch_of(counter, target->chat_url, &body.head);
    struct event event = {0};
    bool done;

    ask.whole = counter->requested = true;
    add_prompt(counter, k, &prompt);
    target->dialect->write_body(&ask, &body);
    dialect_add_text(&body.head, prompt.bytes);
    text_add(&body.head, body.tail.bytes, body.tail.length);
    done = fetch_body(target, &how, &page, &counter->error);
    if (done) {
        target->dialect->read_page(page.bytes ? page.bytes : "", page.length, &event, &content);
        done = (event.has_usage && event.usage.input_tokens > 0) ||
               error_set(&counter->error, "the response does not report how many tokens the prompt "
                                          "has, neither streamed nor whole");
    }
    if (done)
        counter->tokens[k] = llround(event.usage.input_tokens);
    text_clear(&prompt);
    text_clear(&page);
    text_clear(&content);
    body_clear(&body);
    return done;
}

/* --- All prompts of a model ------------------------------------------------------------------- */

typedef bool counting_way(struct counter *counter, const struct count_endpoint *counting, size_t k);

static bool judge(struct counter *counter, size_t from)
{
    return judgement_of(counter->words + from, counter->tokens + from, counter->prompts - from,
                        counter->asked, &counter->counting, &counter->error);
}

static bool count_between(struct counter *counter, counting_way *count,
                          const struct count_endpoint *counting)
{
    counter->words[2] = counter->words[1];
    counter->tokens[2] = counter->tokens[1];
    counter->words[1] = (counter->words[0] + counter->words[2]) / 2;
    counter->prompts = COUNTER_PROMPTS;
    return count(counter, counting, 1);
}

/* Whether all were counted, and the counts are believed. */
static bool count_all(struct counter *counter, counting_way *count,
                      const struct count_endpoint *counting)
{
    choose_lengths(counter);
    if (!count(counter, counting, 0) || !count(counter, counting, 1))
        return false;
    if (judgement_wants_another(counter->words, counter->tokens) &&
        !count_between(counter, count, counting))
        return false;
    return judge(counter, 0);
}

/* An endpoint that counts and is not believed is noted; one that is not there is not. */
static void note_refused(struct counter *counter, const char *path, size_t counted)
{
    if (counted > 0)
        faults_add(&counter->notes, NULL, 0, "%s: %s is not used: %s", counter->row->model_name,
                   path, counter->error.text);
}

/* At the endpoints that count a bare text, or at those that count it with its template. */
static bool count_at_endpoints(struct counter *counter, bool bare)
{
    const struct count_endpoint *counting = counter->preparation->target.dialect->count_endpoints;

    for (; counting && counting->name && !interrupt_asked; counting++) {
        if (counting->bare != bare)
            continue;
        memset(counter->tokens, 0, sizeof counter->tokens);
        if (count_all(counter, count_at, counting)) {
            snprintf(counter->by, sizeof counter->by, "%s", counting->name);
            return true;
        }
        note_refused(counter, counting->name, (size_t)counter->tokens[0]);
    }
    return false;
}

/* What the bare texts lack is the same for all: the template. */
static bool add_template(struct counter *counter)
{
    size_t last = counter->prompts - 1;
    int64_t bare = counter->tokens[last];

    if (!count_whole(counter, last))
        return false;
    for (size_t i = 0; i < last; i++)
        counter->tokens[i] += counter->tokens[last] - bare;
    snprintf(counter->by + strlen(counter->by), sizeof counter->by - strlen(counter->by),
             " and one response");
    return judge(counter, 0);
}

/* A server whose streams hold no usage: once, without streaming. Where nothing else tells what a
 * word takes, it is one token. */
static bool count_once(struct counter *counter, bool by_requests)
{
    if (!counter->preparation->target.dialect->read_page)
        return false;
    if (!by_requests && count_at_endpoints(counter, true))
        return add_template(counter);
    choose_lengths(counter);
    snprintf(counter->by, sizeof counter->by, "one response");
    return count_whole(counter, 1) && judge(counter, 1);
}

static bool learn(struct counter *counter, bool by_requests)
{
    if (!by_requests && count_at_endpoints(counter, false))
        return true;
    if (counter->without_requests)
        return false;
    snprintf(counter->by, sizeof counter->by, "its responses");
    return count_all(counter, count_streamed, NULL) ||
           (counter->no_usage && count_once(counter, by_requests));
}

bool counter_wants_prefix(const struct preparation *preparation, const char *model)
{
    const struct listed_models *listed = listing_models(preparation, NULL);
    bool wants = false;

    for (size_t i = 0; i < preparation->rows.count && !wants; i++) {
        const struct row *row = &preparation->rows.row[i];

        wants = row->prefix_tokens > 0 && listed_models_same(listed, row->model_name, model);
    }
    return wants && preparation->target.dialect->converses;
}

/* The same again with a system message: templates put tokens around each message. */
static void learn_prefix(struct counter *counter, bool by_requests)
{
    struct counter with = *counter;
    char *prefix = make_prefix(counter);

    with.prefix = prefix;
    with.notes = (struct faults){0};
    if (learn(&with, by_requests))
        counter->with_prefix = with.counting;
    counter->requested |= with.requested;
    counter->touched |= with.touched;
    faults_clear(&with.notes);
    free(prefix);
}

bool counter_learn(struct counter *counter, bool by_requests)
{
    bool learned = learn(counter, by_requests);

    if (learned && counter_wants_prefix(counter->preparation, counter->row->model_name))
        learn_prefix(counter, by_requests);
    return learned;
}
