/* What makes a node less exact than its model, drawn from the seed or given by the time.
 *
 * A batch computes its tokens together, so its members share what happens to each: token `k` of all
 * of them, from 0. A draw follows from the seed, the number of the batch's oldest request and `k`,
 * never from what was drawn before. Pauses have a file of their own (pause.h). */
#ifndef SIM_NOISE_H
#define SIM_NOISE_H

#include <stdbool.h>
#include <stdint.h>

#include "sim/node_file.h"

/* Whose noise it is. */
struct noise {
    const struct bundle_noise *about;
    uint64_t seed;
    int64_t request; /* the number of the batch's oldest */
};

/* Whether there is anything to draw. */
bool noise_is_on(const struct noise *noise);

/* What the time of computing token `k` is multiplied by: the prefill for 0, else the gap before it.
 * Log-normal with mean 1: exp(σz − σ²/2), z normal, σ the jitter; 1 without. */
double noise_factor(const struct noise *noise, int64_t k);

/* How long token `k` is held up besides: mostly 0, else stall_s. */
double noise_stall_s(const struct noise *noise, int64_t k);

/* What the time of a load is multiplied by: log-normal with mean 1 and standard deviation
 * load_spread, exp(σz − σ²/2) with σ² = ln(1 + load_spread²); 1 without. */
double noise_load_factor(const struct noise *noise);

/* What prefill times are multiplied by so long after the node's start: (1 + drift_per_min) to the
 * power of the minutes, no less than 1/1000 and no more than 1000. Nothing is drawn. */
double noise_drift_factor(const struct noise *noise, double since_start_s);

/* Even over 0 … bound−1, for the `nth` choice, from 0, of what leaves the memory; `bound` ≥ 1. */
uint64_t noise_choice(const struct noise *noise, int64_t nth, uint64_t bound);

#endif
