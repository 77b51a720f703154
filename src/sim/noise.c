#include "sim/noise.h"

#include <math.h>

#include "core/random.h"

/* Purposes of chance; others than those of speech.c. */
enum { DRAW_JITTER = 16, DRAW_STALL };

static struct random draw(const struct noise *noise, uint64_t purpose, int64_t k)
{
    const uint64_t key[] = {noise->seed, (uint64_t)noise->request, purpose, (uint64_t)k};
    struct random random;

    random_init(&random, key, 4);
    return random;
}

bool noise_is_on(const struct noise *noise)
{
    return noise->about->jitter > 0 || noise->about->stall_probability > 0;
}

double noise_factor(const struct noise *noise, int64_t k)
{
    double jitter = noise->about->jitter;
    struct random random;

    if (jitter == 0)
        return 1;
    random = draw(noise, DRAW_JITTER, k);
    return exp(jitter * random_normal(&random) - jitter * jitter / 2);
}

double noise_stall_s(const struct noise *noise, int64_t k)
{
    struct random random;

    if (noise->about->stall_probability == 0)
        return 0;
    random = draw(noise, DRAW_STALL, k);
    return random_unit(&random) < noise->about->stall_probability ? noise->about->stall_s : 0;
}
