/* What the tests of dialects share: a bundle of two experts, questions put to them, and an answer
 * whose figures are worked out by hand. */
#ifndef SAYING_H
#define SAYING_H

#include <cJSON.h>

#include "core/clock.h"
#include "sim/dialect.h"
#include "sim/route.h"
#include "support.h"

static double exchange_batch_sizes[] = {1, 2};
static struct bundle_tier exchange_tiers[] = {
    {512, {exchange_batch_sizes, 2}, .prefill_tokens_per_s = 1000, .decode_tokens_per_s = 100},
    {4096, {exchange_batch_sizes, 2}, .prefill_tokens_per_s = 1000, .decode_tokens_per_s = 100},
};
static struct bundle_expert exchange_experts[] = {
    {.name = (char[]){"one"}, .weight_gb = 1, .template_tokens = 10, .tiers = {exchange_tiers, 2}},
    {.name = (char[]){"two"}, .weight_gb = 1, .acceptance_rate = 2.5, .tiers = {exchange_tiers, 1}},
};
static struct node_file exchange_file = {.bundle = {.experts = {exchange_experts, 2}}};
static const struct models_view exchange_view = {.file = &exchange_file};

/* Puts `body` at `path` with the right key in every header; the status, and what was said instead
 * of an answer. */
static inline int exchange_ask(const char *path, const char *body, struct question *question,
                               struct text *text)
{
    struct http_request request = {
        .method = "POST", .authorization = "Bearer k", .key = "k", .body_length = strlen(body)};

    strcpy(request.path, path);
    return route_request(&exchange_view, "k", &request, body, question, text);
}

/* Expects a refusal of that status that says `part`. */
static inline void exchange_expect_refusal(const char *path, const char *body, int status,
                                           const char *part)
{
    struct question question;
    struct text text = {0};

    expect_true(body, exchange_ask(path, body, &question, &text) == status);
    expect_part(body, text.bytes, part);
    text_clear(&text);
}

/* An answer to a request that waited 1.5 s for load and prefill, in a batch of size 2. */
struct exchange {
    struct node_batch batch;
    struct node_request request;
    struct question question;
    struct token_text token_text;
    struct text text;
};

static inline void exchange_begin(struct exchange *exchange, const struct sim_dialect *dialect,
                                  const struct bundle_expert *expert, int64_t tokens)
{
    *exchange =
        (struct exchange){.batch = {.configuration = {expert, &exchange_tiers[0], 2},
                                    .switch_s = 1,
                                    .prefill_s = 0.5},
                          .question = {.dialect = dialect, .include_usage = true, .item = "item1"}};
    exchange->request = (struct node_request){.expert = expert,
                                              .tier = &exchange_tiers[0],
                                              .prompt_tokens = 30,
                                              .completion_tokens = tokens,
                                              .batch = &exchange->batch};
    token_text_init(&exchange->token_text, &exchange_file, &exchange->request, &exchange->question,
                    7, 1700000000 * CLOCK_NS_PER_S);
    exchange->token_text.started_s = 1700000000;
}

#endif
