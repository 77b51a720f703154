/* What makes a node less exact than its model, drawn from the seed.
 *
 * A batch computes its tokens together, so its members share what happens to each: token `k` of all
 * of them, from 0. A draw follows from the seed, the number of the batch's oldest request and `k`,
 * never from what was drawn before. */
#ifndef SIM_NOISE_H
#define SIM_NOISE_H

#include <stdbool.h>
#include <stdint.h>

#include "core/bundle.h"

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

#endif
