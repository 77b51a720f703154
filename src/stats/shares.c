#include "stats/shares.h"

#include <math.h>

#include "stats/distribution.h"

static double limited(double value, double low, double high)
{
    return fmin(fmax(value, low), high);
}

/* The likeliest share of the base where the candidate's is `difference` more: the root of the cubic
 * that the likelihood's derivative is (Miettinen and Nurminen, appendix 1). */
static double likeliest_base(const struct shares_counted *base,
                             const struct shares_counted *candidate, double difference)
{
    double n = base->of + candidate->of, hits = base->hits + candidate->hits;
    double square = ((candidate->of + 2 * base->of) * difference - n - hits) / (3 * n);
    double linear = ((base->of * difference - n - 2 * base->hits) * difference + hits) / n;
    double constant = base->hits * difference * (1 - difference) / n;
    double q = pow(square, 3) - square * linear / 2 + constant / 2;
    double p = copysign(sqrt(fmax(square * square - linear / 3, 0)), q);
    double angle = p != 0 ? acos(limited(q / pow(p, 3), -1, 1)) : M_PI / 2;
    double root = 2 * p * cos((M_PI + angle) / 3) - square;

    return limited(root, fmax(0, -difference), fmin(1, 1 - difference));
}

double shares_error(const struct shares_counted *base, const struct shares_counted *candidate,
                    double difference)
{
    double n = base->of + candidate->of;
    double before = likeliest_base(base, candidate, difference);
    double now = limited(before + difference, 0, 1);
    double variance = before * (1 - before) / base->of + now * (1 - now) / candidate->of;

    return sqrt(variance * n / (n - 1));
}

/* How many standard errors the difference that was seen lies above one. */
static double score(const struct shares_counted *base, const struct shares_counted *candidate,
                    double difference)
{
    double off = candidate->hits / candidate->of - base->hits / base->of - difference;
    double error = shares_error(base, candidate, difference);

    if (fabs(off) < 1e-12)
        return 0;
    return error > 0 ? off / error : copysign(INFINITY, off);
}

/* Where the score, which falls with the difference, is `wanted`. */
static double difference_at(const struct shares_counted *base,
                            const struct shares_counted *candidate, double wanted)
{
    double low = -1, high = 1;

    for (int i = 0; i < 60; i++) {
        double middle = (low + high) / 2;

        if (score(base, candidate, middle) > wanted)
            low = middle;
        else
            high = middle;
    }
    return (low + high) / 2;
}

void shares_interval(const struct shares_counted *base, const struct shares_counted *candidate,
                     double confidence, double *low, double *high)
{
    double z = distribution_t_quantile_above((1 - confidence) / 2, INFINITY);

    *low = difference_at(base, candidate, z);
    *high = difference_at(base, candidate, -z);
}
