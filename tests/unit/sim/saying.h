/* What the tests of dialects share: a bundle of two experts, questions put to them, and an answer
 * whose figures are worked out by hand. */
#ifndef SAYING_H
#define SAYING_H

#include <cJSON.h>

#include "core/clock.h"
#include "sim/dialect.h"
#include "sim/route.h"
#include "support.h"

static double saying_batch_sizes[] = {1, 2};
static struct bundle_tier saying_tiers[] = {
    {512, {saying_batch_sizes, 2}, .prefill_tokens_per_s = 1000, .decode_tokens_per_s = 100},
    {4096, {saying_batch_sizes, 2}, .prefill_tokens_per_s = 1000, .decode_tokens_per_s = 100},
};
static struct bundle_expert saying_experts[] = {
    {.name = (char[]){"one"}, .weight_gb = 1, .template_tokens = 10, .tiers = {saying_tiers, 2}},
    {.name = (char[]){"two"}, .weight_gb = 1, .acceptance_rate = 2.5, .tiers = {saying_tiers, 1}},
};
static struct bundle saying_bundle = {.experts = {saying_experts, 2}};

/* Puts `body` at `path` with the right key in every header; the status, and what was said instead
 * of an answer. */
static inline int saying_ask(const char *path, const char *body, struct question *question,
                             struct text *said)
{
    struct http_request request = {
        .method = "POST", .authorization = "Bearer k", .key = "k", .body_length = strlen(body)};

    strcpy(request.path, path);
    return route_request(&saying_bundle, "k", &request, body, question, said);
}

/* Expects a refusal of that status that says `part`. */
static inline void saying_expect_refusal(const char *path, const char *body, int status,
                                         const char *part)
{
    struct question question;
    struct text said = {0};

    expect_true(body, saying_ask(path, body, &question, &said) == status);
    expect_part(body, said.bytes, part);
    text_clear(&said);
}

/* An answer to a request that waited 1.5 s for load and prefill, in a batch of size 2. */
struct saying {
    struct node_batch batch;
    struct node_request request;
    struct question question;
    struct speech speech;
    struct text said;
};

static inline void saying_begin(struct saying *saying, const struct sim_dialect *dialect,
                                const struct bundle_expert *expert, int64_t tokens)
{
    *saying = (struct saying){
        .batch = {.configuration = {expert, &saying_tiers[0], 2}, .switch_s = 1, .prefill_s = 0.5},
        .question = {.dialect = dialect, .include_usage = true, .item = "item1"}};
    saying->request = (struct node_request){.expert = expert,
                                            .tier = &saying_tiers[0],
                                            .prompt_tokens = 30,
                                            .completion_tokens = tokens,
                                            .batch = &saying->batch};
    speech_init(&saying->speech, &saying_bundle, &saying->request, &saying->question, 7,
                1700000000 * CLOCK_NS_PER_S);
    saying->speech.started_s = 1700000000;
}

#endif
