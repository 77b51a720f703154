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

/* Bartlett's statistic over the rows that have a variance of their own; rows that do not vary at
 * all say nothing of how they would. */
void spread_judge(struct spread *spread)
{
    struct spread_sums all = {0};
    double logs = 0, inverse = 0, groups = 0, statistic;

    for (size_t i = 0; i < spread->rows; i++) {
        const struct spread_sums *row = &spread->row[i];

        if (!(row->df > 0) || !(row->squares > 0))
            continue;
        all.squares += row->squares;
        all.df += row->df;
        logs += row->df * log(variance(row));
        inverse += 1 / row->df;
        groups++;
    }
    if (groups < 2)
        return;
    statistic =
        (all.df * log(variance(&all)) - logs) / (1 + (inverse - 1 / all.df) / (3 * (groups - 1)));
    spread->unequal = distribution_chi_square_above(statistic, groups - 1) < unlike_level;
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
