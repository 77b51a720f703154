#include "design/study_preview.h"

#include <math.h>
#include <stdlib.h>

#include "core/memory.h"
#include "design/resolution.h"
#include "stats/replicate.h"

static struct preview_order order_of(const struct preparation *preparation)
{
    const struct order *order = &preparation->order;
    const struct settings *settings = &preparation->settings;
    struct preview_order shown = {
        .name = order_names[settings->order],
        .self_pairs = settings->self_pairs && settings->order == ORDER_ALL_PAIRS,
        .at_most = stop_asked(&settings->stop_when),
        .drawn_anew = order_is_drawn((enum order_kind)settings->order) && !settings->seed_given,
        .passes = stop_passes(&settings->stop_when, settings->passes),
        .visit = memory_new(order->count, sizeof *shown.visit),
        .visits = order->count,
        .warmups = order->warmups,
    };

    for (size_t i = 0; i < order->count; i++)
        shown.visit[i] = (struct preview_visit){order->visit[i].row, order->visit[i].pass,
                                                order->visit[i].member};
    return shown;
}

static size_t *times_of(const struct preparation *preparation)
{
    const struct order *order = &preparation->order;
    size_t rows = preparation->rows.count;
    size_t *times = memory_new(rows * rows, sizeof *times);

    for (size_t i = order->warmups + 1; i < order->count; i++)
        times[order->visit[i - 1].row * rows + order->visit[i].row] +=
            !order->visit[i - 1].mixed && !order->visit[i].mixed;
    return times;
}

static struct preview_pairs pairs_of(const struct preparation *preparation)
{
    const struct order *order = &preparation->order;
    struct order_pairs pairs = order_count_pairs(order);

    return (struct preview_pairs){
        .possible = pairs.possible,
        .visited = pairs.visited,
        .least = pairs.least,
        .most = pairs.most,
        .self = pairs.self,
        .times = order->rows <= PREVIEW_MATRIX_MOST ? times_of(preparation) : NULL};
}

/* --- What it would see ------------------------------------------------------------------------ */

/* The degrees of freedom that all visits give together. */
static double pooled_df(const struct preparation *preparation)
{
    const struct order *order = &preparation->order;
    double df = 0;

    for (size_t i = order->warmups; i < order->count; i++) {
        const struct row *row = &preparation->rows.row[order->visit[i].row];

        if (!row_is_studied(row))
            continue;
        df += fmax(resolution_steady(row, &preparation->settings) - 1, 0);
    }
    return df;
}

/* How often the least visited row is. */
static size_t visits_least(const struct preparation *preparation)
{
    const struct order *order = &preparation->order;
    size_t *times = memory_new(preparation->rows.count, sizeof *times), least = order->count;

    for (size_t i = order->warmups; i < order->count; i++)
        times[order->visit[i].row] += !order->visit[i].mixed;
    for (size_t i = 0; i < preparation->rows.count; i++) {
        if (times[i] > 0 && times[i] < least)
            least = times[i];
    }
    free(times);
    return least;
}

static struct preview_sight sight_of(const struct preparation *preparation)
{
    struct preview_sight sight = {.df = pooled_df(preparation),
                                  .least = INFINITY,
                                  .visits = visits_least(preparation),
                                  .spread = RESOLUTION_SPREAD};

    for (size_t i = 0; i < preparation->rows.count; i++) {
        const struct row *row = &preparation->rows.row[i];
        double steady = resolution_steady(row, &preparation->settings), smallest, together;

        if (!row_is_studied(row))
            continue;
        if (resolution_unknown(row, &preparation->settings))
            sight.unknown++;
        else
            sight.blind += steady < 1;
        if (steady < 1 || !(sight.df > 0))
            continue;
        smallest = replicate_smallest(steady, sight.df, 1, REPLICATE_LEVEL);
        together = replicate_smallest(steady, sight.df, sight.visits, REPLICATE_LEVEL);
        sight.least = fmin(sight.least, smallest);
        sight.most = fmax(sight.most, smallest);
        sight.together = fmax(sight.together, together);
    }
    return sight;
}

/* Then the table of rows shows the order already. */
static bool runs_as_listed(const struct preparation *preparation)
{
    return preparation->settings.order == ORDER_AS_LISTED && preparation->settings.passes == 1 &&
           !stop_asked(&preparation->settings.stop_when) && preparation->order.warmups == 0 &&
           preparation->order.mixes == 0;
}

void study_preview_of(const struct preparation *preparation, struct preview *preview)
{
    const struct rows *rows = &preparation->rows;

    *preview = (struct preview){.beside = preparation->settings.concurrency_enabled,
                                .as_listed = runs_as_listed(preparation),
                                .rows = rows->count,
                                .measured = preparation->order.rows};
    if (preview->beside)
        return;
    preview->sight = sight_of(preparation);
    if (preview->as_listed)
        return;
    preview->order = order_of(preparation);
    preview->pairs = pairs_of(preparation);
    preview->aside = memory_new(rows->count, sizeof *preview->aside);
    for (size_t i = 0; i < rows->count; i++)
        preview->aside[i] = !row_is_studied(&rows->row[i]);
}

void study_preview_clear(struct preview *preview)
{
    free(preview->aside);
    free(preview->order.visit);
    free(preview->pairs.times);
    *preview = (struct preview){0};
}
