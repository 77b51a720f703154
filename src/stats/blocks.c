#include "stats/blocks.h"

#include <math.h>

#include "stats/quantile.h"

/* Neighbours are no longer alike past a lag after which so many correlations in a row are within
 * chance; and no lag past the last is looked at. */
enum { QUIET = 5, LAG_MOST = 500 };

/* Than the length that is best for the error alone. */
static const double longer = 1.5;

/* Fewer values than this tell nothing of their neighbours. */
enum { LEAST = 6 };

/* --- How long --------------------------------------------------------------------------------- */

struct series {
    const double *value;
    size_t count;
    double mean;
};

static double covariance(const struct series *series, size_t lag)
{
    double sum = 0;

    for (size_t i = lag; i < series->count; i++)
        sum += (series->value[i] - series->mean) * (series->value[i - lag] - series->mean);
    return sum / (double)series->count;
}

/* The last lag at which values are alike, at most `most`; 0 for none. */
static size_t last_alike(const struct series *series, size_t most)
{
    double chance =
        2 * sqrt(log10((double)series->count) / (double)series->count) * covariance(series, 0);
    size_t last = 0;

    for (size_t lag = 1; lag <= most && lag <= last + QUIET; lag++) {
        if (fabs(covariance(series, lag)) > chance)
            last = lag;
    }
    return last;
}

/* The window that is flat up to a half and falls to 0 at 1. */
static double window(double x)
{
    return x <= 0.5 ? 1 : fmax(0, 2 * (1 - x));
}

/* How far values reach: Σ |lag| covariance ÷ Σ covariance. */
static double reach_of(const struct series *series, size_t last)
{
    double sum = covariance(series, 0), weighted = 0;

    for (size_t lag = 1; lag < 2 * last; lag++) {
        double part = 2 * window((double)lag / (2 * (double)last)) * covariance(series, lag);

        sum += part;
        weighted += (double)lag * part;
    }
    return weighted / sum;
}

static double reach(const double *value, size_t count)
{
    double most = fmin(fmin(sqrt((double)count) + QUIET, (double)count / 2), LAG_MOST);
    struct series series;
    size_t last;

    if (count < LEAST || quantile_stddev(value, count) == 0)
        return 0;
    series = (struct series){value, count, quantile_mean(value, count)};
    last = last_alike(&series, (size_t)most);
    return last > 0 ? reach_of(&series, last) : 0;
}

struct blocks blocks_of(const double *value, size_t count)
{
    double n = (double)count, most = fmin(3 * sqrt(n), n / 3), far = reach(value, count);
    double wanted = round(longer * cbrt(1.5 * far * far * n)), lacking;
    struct blocks blocks = {.length = (size_t)fmax(1, fmin(wanted, most))};

    blocks.number = n / (double)blocks.length;
    lacking = fmin(fmax(far / (double)blocks.length, 0), 0.5);
    blocks.widening = sqrt(blocks.number / (blocks.number - 1) / (1 - lacking));
    return blocks;
}

/* --- What they tell --------------------------------------------------------------------------- */

double blocks_error_of_mean(const double *value, size_t count, size_t length)
{
    double mean = quantile_mean(value, count), sum = 0, squares = 0;

    for (size_t i = 0; i < length; i++)
        sum += value[i] - mean;
    for (size_t i = 0; i < count; i++) {
        squares += sum * sum;
        sum += value[(i + length) % count] - value[i];
    }
    return sqrt(squares / (double)count / (double)length / (double)count);
}

void blocks_draw(const double *value, size_t count, size_t length, double *drawn,
                 struct random *random)
{
    for (size_t filled = 0; filled < count;) {
        size_t begin = (size_t)random_below(random, count);

        for (size_t i = 0; i < length && filled < count; i++)
            drawn[filled++] = value[(begin + i) % count];
    }
}
