/* Chance from a seed. A draw follows from who asks for it (seed, step, attempt, request, purpose),
 * never from what was drawn before, so a row can be split among threads and repeated exactly.
 * Generator: xoshiro256** with its state filled by splitmix64 (Blackman and Vigna,
 * prng.di.unimi.it). */
#ifndef CORE_RANDOM_H
#define CORE_RANDOM_H

#include <stdint.h>

struct random {
    uint64_t state[4];
};

/* A generator of its own for each different list of `count` numbers in `key`. */
void random_init(struct random *random, const uint64_t *key, int count);

uint64_t random_next(struct random *random);

/* Even over 0 … bound−1, without the bias of a remainder; `bound` ≥ 1. */
uint64_t random_below(struct random *random, uint64_t bound);

/* Even over [0, 1). */
double random_unit(struct random *random);

/* Exponentially distributed with mean 1. */
double random_exponential(struct random *random);

/* Normally distributed with mean 0 and standard deviation 1 (Box and Muller). */
double random_normal(struct random *random);

/* Gamma-distributed with that shape, above 0, and scale 1: mean and variance are the shape. By
 * rejection (Marsaglia and Tsang, A simple method for generating gamma variables, 2000); a shape
 * below 1 by theirs, from one that is higher by 1. */
double random_gamma(struct random *random, double shape);

/* From the operating system, not from a seed. */
uint64_t random_fresh(void);

/* A fresh random UUID, version 4 (RFC 9562), lower case, with its NUL. */
void random_uuid(char text[37]);

#endif
