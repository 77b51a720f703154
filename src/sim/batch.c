#include "sim/batch.h"

#include <stdlib.h>

#include "core/clock.h"
#include "core/memory.h"

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

struct noise batch_noise(const struct batch_common *common, int64_t request)
{
    return (struct noise){&common->file->noise, common->seed, request};
}

double batch_load_s(const struct node_file *file, const struct bundle_expert *expert)
{
    const struct bundle_node *about = &file->bundle.node;

    return about->switch_overhead_s + expert->weight_gb / about->ddr_to_hbm_gb_per_s;
}

/* The parts of the time to the first token, but for warm-up and pause. */
static void set_parts(struct node_batch *batch, const struct node_file *file,
                      const struct noise *noise, int64_t prompt_tokens)
{
    const struct bundle_expert *expert = batch->configuration.expert;

    if (!batch->hit)
        batch->switch_s = batch_load_s(file, expert) * noise_load_factor(noise);
    if (batch->second)
        batch->second_s = file->noise.second_request;
    batch->prefill_s = (expert->prefill_overhead_s +
                        (double)prompt_tokens / speed_of(batch).prefill_tokens_per_s) *
                       noise_factor(noise, 0) * noise_drift_factor(noise, batch->since_start_s);
    batch->stall_s = noise_stall_s(noise, 0);
}

static void set_first_token(struct node_batch *batch)
{
    int64_t ready_ns = batch->started_ns + clock_from_seconds(node_time_to_first_token_s(batch));

    batch->first_token_ns = pauses_end_ns(&batch->pauses, ready_ns);
    batch->pause_s = clock_seconds(ready_ns, batch->first_token_ns);
}

void batch_set_times(struct node_batch *batch, const struct batch_common *common,
                     const struct node_request *members, int64_t now_ns)
{
    const struct node_file *file = common->file;
    const struct noise noise = batch_noise(common, members->number);
    int64_t longest_prompt = 0, longest_response = 1;

    for (const struct node_request *r = members; r; r = r->next) {
        if (r->prompt_tokens - r->cached_tokens > longest_prompt)
            longest_prompt = r->prompt_tokens - r->cached_tokens;
        if (r->completion_tokens > longest_response)
            longest_response = r->completion_tokens;
    }
    batch->started_ns = now_ns;
    batch->since_start_s = clock_seconds(common->begun_ns, now_ns);
    batch->pauses = pauses_from(&file->noise.pauses, common->begun_ns);
    set_parts(batch, file, &noise, longest_prompt);
    set_first_token(batch);
    if (noise_is_on(&noise))
        draw_offsets(batch, &noise, longest_response);
    batch->over_ns = node_token_ns(members, longest_response - 1);
}

/* From the first token to token `k`, but for pauses. */
static double gaps_s(const struct node_batch *batch, int64_t k)
{
    if (batch->offset_ns)
        return (double)batch->offset_ns[k] / (double)CLOCK_NS_PER_S;
    return (double)k / speed_of(batch).decode_tokens_per_s;
}

static int64_t token_ns(const struct node_batch *batch, int64_t k)
{
    int64_t gaps_ns = batch->offset_ns ? batch->offset_ns[k] : clock_from_seconds(gaps_s(batch, k));

    return pauses_end_ns(&batch->pauses, batch->first_token_ns + gaps_ns);
}

/* From the first token to token `k`. */
static double offset_s(const struct node_batch *batch, int64_t k)
{
    return batch->pauses.for_ns > 0 ? clock_seconds(batch->first_token_ns, token_ns(batch, k))
                                    : gaps_s(batch, k);
}

int64_t node_token_ns(const struct node_request *request, int64_t k)
{
    return token_ns(request->batch, k);
}

double node_time_to_first_token_s(const struct node_batch *batch)
{
    return batch->switch_s + batch->warmup_s + batch->second_s + batch->prefill_s + batch->stall_s +
           batch->pause_s;
}

double node_queue_pause_s(const struct node_request *request)
{
    const struct node_batch *batch = request->batch;
    int64_t from_ns =
        request->arrived_ns > batch->blocked_ns ? request->arrived_ns : batch->blocked_ns;

    return clock_seconds(from_ns, batch->started_ns);
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
    return batch->offset_ns || batch->pauses.for_ns > 0 ? (double)tokens / offset_s(batch, tokens)
                                                        : speed_of(batch).decode_tokens_per_s;
}

void batch_free(struct node_batch *batch)
{
    free(batch->evicted);
    free(batch->unloaded.items);
    free(batch->resident.items);
    free(batch->offset_ns);
    free(batch);
}
