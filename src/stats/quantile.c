#include "stats/quantile.h"

#include <math.h>
#include <stdlib.h>

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a;
    double y = *(const double *)b;

    return (x > y) - (x < y);
}

void quantile_sort(double *values, size_t count)
{
    qsort(values, count, sizeof *values, ascending);
}

double quantile_of_sorted(const double *values, size_t count, double share)
{
    double rank = (double)(count - 1) * share;
    size_t below = (size_t)rank;
    double between = rank - (double)below;

    if (below + 1 >= count)
        return values[count - 1];
    return values[below] + between * (values[below + 1] - values[below]);
}

double quantile_mean(const double *values, size_t count)
{
    double sum = 0;

    for (size_t i = 0; i < count; i++)
        sum += values[i];
    return sum / (double)count;
}

static bool all_equal(const double *values, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        if (values[i] != values[0])
            return false;
    }
    return true;
}

double quantile_stddev(const double *values, size_t count)
{
    double mean = quantile_mean(values, count);
    double squares = 0;

    if (count < 2)
        return NAN;
    if (all_equal(values, count))
        return 0; /* the rounding of the mean would leave a trace of 1e-17 */
    for (size_t i = 0; i < count; i++)
        squares += (values[i] - mean) * (values[i] - mean);
    return sqrt(squares / (double)(count - 1));
}

struct metric_summary quantile_summary(double *values, size_t count)
{
    struct metric_summary summary = {.count = count, .stddev = NAN};

    if (count == 0)
        return summary;
    quantile_sort(values, count);
    for (int i = 0; i < METRIC_QUANTILES; i++)
        summary.quantile[i] = quantile_of_sorted(values, count, metric_percent[i] / 100.0);
    summary.mean = quantile_mean(values, count);
    summary.least = values[0];
    summary.most = values[count - 1];
    summary.stddev = quantile_stddev(values, count);
    return summary;
}

bool quantile_is_supported(size_t count, double share)
{
    double beyond = share < 0.5 ? share : 1 - share;

    return (double)count * beyond >= 1 - 1e-9;
}
