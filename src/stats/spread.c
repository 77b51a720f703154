#include "stats/spread.h"

#include <math.h>
#include <stdlib.h>

#include "core/memory.h"
#include "stats/distribution.h"

static const double unlike_level = 0.001;

void spread_init(struct spread *spread, size_t rows)
{
    *spread = (struct spread){.row = memory_new(rows, sizeof *spread->row), .rows = rows};
}

static void add(struct spread_sums *sums, const struct switch_side *side)
{
    sums->squares += side->log_squares;
    sums->df += (double)side->steady - 1;
}

void spread_add(struct spread *spread, size_t row, const struct switch_side *side)
{
    if (side->steady < 2)
        return;
    add(&spread->all, side);
    add(&spread->row[row], side);
}

static double variance(const struct spread_sums *sums)
{
    return sums->squares / sums->df;
}

double spread_unlike_p(const struct spread_sums *sums, size_t count)
{
    struct spread_sums all = {0};
    double logs = 0, inverse = 0, groups = 0, statistic;

    for (size_t i = 0; i < count; i++) {
        const struct spread_sums *one = &sums[i];

        if (!(one->df > 0) || !(one->squares > 0))
            continue;
        all.squares += one->squares;
        all.df += one->df;
        logs += one->df * log(variance(one));
        inverse += 1 / one->df;
        groups++;
    }
    if (groups < 2)
        return 1;
    statistic =
        (all.df * log(variance(&all)) - logs) / (1 + (inverse - 1 / all.df) / (3 * (groups - 1)));
    return distribution_chi_square_above(statistic, groups - 1);
}

void spread_judge(struct spread *spread)
{
    spread->unequal = spread_unlike_p(spread->row, spread->rows) < unlike_level;
}

static struct spread_used used(const struct spread_sums *sums)
{
    return (struct spread_used){sums->df > 0 ? sqrt(variance(sums)) : NAN, sums->df};
}

struct spread_used spread_of_row(const struct spread *spread, size_t row)
{
    struct spread_used all = used(&spread->all), own = used(&spread->row[row]);

    if (!spread->unequal)
        return all;
    return own.df >= SPREAD_OWN_DF || own.deviation > all.deviation ? own : all;
}

void spread_clear(struct spread *spread)
{
    free(spread->row);
    *spread = (struct spread){0};
}
