#include "sim/batch.h"

#include <stdlib.h>

#include "core/clock.h"
#include "core/memory.h"
#include "sim/noise.h"

static struct bundle_speed speed_of(const struct node_batch *batch)
{
    return bundle_speed(batch->configuration.tier, batch->configuration.batch_size);
}

/* Each gap is drawn, once, since each token's moment holds all gaps before it. */
static void draw_offsets(struct node_batch *batch, const struct noise *noise, int64_t tokens)
{
    double gap_s = 1 / speed_of(batch).decode_tokens_per_s;
    double at_s = 0;

    batch->offset_ns = memory_new((size_t)tokens, sizeof *batch->offset_ns);
    for (int64_t k = 1; k < tokens; k++) {
        at_s += gap_s * noise_factor(noise, k) + noise_stall_s(noise, k);
        batch->offset_ns[k] = clock_from_seconds(at_s);
    }
}

static void set_first_token(struct node_batch *batch, const struct bundle *bundle,
                            const struct noise *noise, int64_t prompt_tokens)
{
    const struct bundle_expert *expert = batch->configuration.expert;
    const struct bundle_node *about = &bundle->node;

    if (!batch->hit)
        batch->switch_s = about->switch_overhead_s + expert->weight_gb / about->ddr_to_hbm_gb_per_s;
    batch->prefill_s = (expert->prefill_overhead_s +
                        (double)prompt_tokens / speed_of(batch).prefill_tokens_per_s) *
                       noise_factor(noise, 0);
    batch->stall_s = noise_stall_s(noise, 0);
    batch->first_token_ns =
        batch->started_ns + clock_from_seconds(node_time_to_first_token_s(batch));
}

void batch_set_times(struct node_batch *batch, const struct bundle *bundle, uint64_t seed,
                     const struct node_request *members, int64_t now_ns)
{
    const struct noise noise = {&bundle->noise, seed, members->number};
    int64_t longest_prompt = 0, longest_answer = 1;

    for (const struct node_request *r = members; r; r = r->next) {
        if (r->prompt_tokens - r->cached_tokens > longest_prompt)
            longest_prompt = r->prompt_tokens - r->cached_tokens;
        if (r->completion_tokens > longest_answer)
            longest_answer = r->completion_tokens;
    }
    batch->started_ns = now_ns;
    set_first_token(batch, bundle, &noise, longest_prompt);
    if (noise_is_on(&noise))
        draw_offsets(batch, &noise, longest_answer);
    batch->over_ns = node_token_ns(members, longest_answer - 1);
}

/* From the first token to token `k`. */
static double offset_s(const struct node_batch *batch, int64_t k)
{
    if (batch->offset_ns)
        return (double)batch->offset_ns[k] / (double)CLOCK_NS_PER_S;
    return (double)k / speed_of(batch).decode_tokens_per_s;
}

int64_t node_token_ns(const struct node_request *request, int64_t k)
{
    const struct node_batch *batch = request->batch;

    return batch->first_token_ns +
           (batch->offset_ns ? batch->offset_ns[k] : clock_from_seconds(offset_s(batch, k)));
}

double node_time_to_first_token_s(const struct node_batch *batch)
{
    return batch->switch_s + batch->warmup_s + batch->prefill_s + batch->stall_s;
}

double node_total_latency_s(const struct node_request *request)
{
    return node_time_to_first_token_s(request->batch) +
           offset_s(request->batch, request->completion_tokens - 1);
}

double node_decode_tokens_per_s(const struct node_request *request, int64_t most)
{
    const struct node_batch *batch = request->batch;
    int64_t tokens = request->completion_tokens - 1;

    if (tokens > most)
        tokens = most;
    return batch->offset_ns ? (double)tokens / offset_s(batch, tokens)
                            : speed_of(batch).decode_tokens_per_s;
}

void batch_free(struct node_batch *batch)
{
    free(batch->evicted);
    free(batch->offset_ns);
    free(batch);
}
