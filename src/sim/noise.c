#include "sim/noise.h"

#include <math.h>

#include "core/random.h"

/* Purposes of chance; others than those of token_text.c. */
enum { DRAW_JITTER = 16, DRAW_STALL, DRAW_LOAD, DRAW_EVICTION };

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

/* Log-normal with mean 1. */
static double draw_factor(const struct noise *noise, uint64_t purpose, int64_t k, double sigma)
{
    struct random random = draw(noise, purpose, k);

    return exp(sigma * random_normal(&random) - sigma * sigma / 2);
}

double noise_factor(const struct noise *noise, int64_t k)
{
    double jitter = noise->about->jitter;

    return jitter == 0 ? 1 : draw_factor(noise, DRAW_JITTER, k, jitter);
}

double noise_stall_s(const struct noise *noise, int64_t k)
{
    struct random random;

    if (noise->about->stall_probability == 0)
        return 0;
    random = draw(noise, DRAW_STALL, k);
    return random_unit(&random) < noise->about->stall_probability ? noise->about->stall_s : 0;
}

double noise_load_factor(const struct noise *noise)
{
    double spread = noise->about->load_spread;

    return spread == 0 ? 1 : draw_factor(noise, DRAW_LOAD, 0, sqrt(log1p(spread * spread)));
}

double noise_drift_factor(const struct noise *noise, double since_start_s)
{
    static const double most = 1000;
    double factor = exp(log1p(noise->about->drift_per_min) * since_start_s / 60);

    return fmin(fmax(factor, 1 / most), most);
}

uint64_t noise_choice(const struct noise *noise, int64_t nth, uint64_t bound)
{
    struct random random = draw(noise, DRAW_EVICTION, nth);

    return random_below(&random, bound);
}
