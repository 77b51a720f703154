#include "stats/accuracy.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "stats/quantile.h"

static const double most = 0.95;

static double quantile(double *values, size_t count, double share)
{
    quantile_sort(values, count);
    return quantile_of_sorted(values, count, share);
}

/* The median; `room` for `count` values is used. */
static double median(const double *values, size_t count, double *room)
{
    memcpy(room, values, count * sizeof *room);
    return quantile(room, count, 0.5);
}

static bool all_known(const double *values, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (isnan(values[i]))
            return false;
    }
    return true;
}

static double allowed(struct tolerance tolerance, double known)
{
    return fmax(tolerance.share * fabs(known), tolerance.least);
}

struct accuracy accuracy_of(const double *known, const double *measured, size_t count,
                            struct tolerance tolerance)
{
    struct accuracy accuracy = {count, NAN, NAN, NAN, NAN, NAN, false};
    double *room, *errors;

    if (count == 0 || !all_known(known, count) || !all_known(measured, count))
        return accuracy;
    room = memory_new(count, sizeof *room);
    errors = memory_new(count, sizeof *errors);
    for (size_t i = 0; i < count; i++)
        errors[i] = measured[i] - known[i];
    accuracy.known = median(known, count, room);
    accuracy.measured = median(measured, count, room);
    accuracy.error = median(errors, count, room);
    accuracy.tolerance = allowed(tolerance, accuracy.known);
    for (size_t i = 0; i < count; i++)
        errors[i] = fabs(errors[i]);
    accuracy.within = quantile(errors, count, tolerance.share > 0 ? most : 1);
    accuracy.inside = accuracy.within <= accuracy.tolerance;
    free(room);
    free(errors);
    return accuracy;
}

double accuracy_resolution(const double *errors, size_t count)
{
    size_t pairs = count < 2 ? 0 : count * (count - 1) / 2;
    double *apart = memory_new(pairs, sizeof *apart);
    double resolution = NAN;
    size_t kept = 0;

    for (size_t i = 0; i < count; i++) {
        for (size_t k = 0; k < i; k++)
            apart[kept++] = fabs(errors[i] - errors[k]);
    }
    if (kept > 0)
        resolution = quantile(apart, kept, most);
    free(apart);
    return resolution;
}
