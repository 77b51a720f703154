#include "stats/prospect.h"

#include <math.h>

#include "stats/distribution.h"
#include "stats/replicate.h"

/* Where `k` of the visits have to stand out: chance brings as many above a bound in `level` of
 * cases, and the switch has to bring as many above it in 80 %. With a the bound and b the way from
 * it to the switch, in deviations without and with a switch,
 *   switch = a error + b √(error² + (share switch)²),
 * which is solved for the switch. A b below 0 (few of many visits are enough) takes no spread: it
 * would help. */
static double smallest_by(size_t k, size_t visits, double share, double df, double level)
{
    double by_chance = distribution_binomial_share(k, visits, level);
    double wanted = distribution_binomial_share(k, visits, REPLICATE_POWER);
    double a = distribution_t_quantile_above(by_chance, df);
    double b = -distribution_t_quantile_above(wanted, df);
    double spread = share * share, rest = 1 - b * b * spread;

    if (b <= 0)
        return a + b;
    return rest > 0 ? (a + b * sqrt(1 + spread * (a * a - b * b))) / rest : INFINITY;
}

double prospect_smallest(double error, double share, double df, size_t visits, double level)
{
    size_t k = replicate_needed(visits), half = (visits + 1) / 2;

    if (half <= k)
        return error * smallest_by(k, visits, share, df, level);
    return error * fmin(smallest_by(k, visits, share, df, level / 2),
                        smallest_by(half, visits, share, df, level / 2));
}

double prospect_half_width(double share, double visits, double groups, double confidence)
{
    double df = groups * (visits - 1) - 1;

    if (!(df >= 2))
        return INFINITY;
    return distribution_t_quantile_above((1 - confidence) / 2, df) * share / sqrt(visits);
}
