#include "traffic/ramp.h"

#include <math.h>

struct ramp ramp_of(const struct row *row)
{
    return (struct ramp){.shape = row->qps_ramp,
                         .from = row->qps,
                         .to = row->qps_end,
                         .over_s = row->duration_s > 0
                                       ? row->duration_s
                                       : (double)row_counted_most(row) / row_mean_qps(row)};
}

static double growth_per_s(const struct ramp *ramp)
{
    return log(ramp->to / ramp->from) / ramp->over_s;
}

static double slope(const struct ramp *ramp)
{
    return (ramp->to - ramp->from) / ramp->over_s;
}

double ramp_count(const struct ramp *ramp, double s)
{
    double on_ramp = fmin(s, ramp->over_s), behind = s - on_ramp;
    double count, growth = growth_per_s(ramp);

    if (ramp->shape == ROW_RAMP_LINEAR)
        count = on_ramp * (ramp->from + slope(ramp) * on_ramp / 2);
    else
        count = growth != 0 ? ramp->from * expm1(growth * on_ramp) / growth : ramp->from * on_ramp;
    return count + behind * ramp->to;
}

/* On the ramp. The linear one's root is taken in the form that loses no digits where the slope is
 * small. */
static double moment_on_ramp(const struct ramp *ramp, double count)
{
    double growth = growth_per_s(ramp);

    if (ramp->shape == ROW_RAMP_LINEAR)
        return 2 * count /
               (ramp->from + sqrt(fmax(0, ramp->from * ramp->from + 2 * slope(ramp) * count)));
    return growth != 0 ? log1p(growth * count / ramp->from) / growth : count / ramp->from;
}

double ramp_moment(const struct ramp *ramp, double count)
{
    double whole = ramp_count(ramp, ramp->over_s);

    if (count <= 0)
        return 0;
    return count < whole ? moment_on_ramp(ramp, count) : ramp->over_s + (count - whole) / ramp->to;
}
