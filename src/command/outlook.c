#include "command/outlook.h"

#include <math.h>
#include <stdlib.h>

#include "command/foresight.h"
#include "core/memory.h"
#include "stats/replicate.h"

/* A sequence is shown up to VISITS_SHOWN, a matrix up to MATRIX_MOST rows. */
enum { WIDTH = 78, VISITS_SHOWN = 400, MATRIX_MOST = 16 };

static void print_heading(FILE *out, const struct preparation *preparation)
{
    const struct order *order = &preparation->order;
    const struct settings *settings = &preparation->settings;
    int64_t passes = stop_passes(&settings->stop_when, settings->passes);
    bool drawn = order_is_drawn((enum order_kind)settings->order);

    fprintf(out, "\norder %s", order_names[settings->order]);
    if (settings->self_pairs && settings->order == ORDER_ALL_PAIRS)
        fprintf(out, " with self pairs");
    fprintf(out, ", %s%lld pass%s", stop_asked(&settings->stop_when) ? "at most " : "",
            (long long)passes, passes == 1 ? "" : "es");
    if (order->warmups > 0)
        fprintf(out, ", after %zu warm-up%s", order->warmups, order->warmups == 1 ? "" : "s");
    fprintf(out, "%s:\n ",
            drawn && !settings->seed_given ? " (drawn anew for each run, unless a seed is set)"
                                           : "");
}

static void print_order(FILE *out, const struct preparation *preparation)
{
    const struct order *order = &preparation->order;
    int column = 0;

    print_heading(out, preparation);
    for (size_t i = 0; i < order->count && i < VISITS_SHOWN; i++) {
        char visit[32];
        int length = snprintf(visit, sizeof visit, "%s%zu",
                              i > 0 && order->visit[i].pass != order->visit[i - 1].pass ? "| " : "",
                              order->visit[i].row + 1);

        if (column + length + 2 > WIDTH) {
            fprintf(out, "\n ");
            column = 0;
        }
        fprintf(out, " %s", visit);
        column += length + 1;
    }
    if (order->count > VISITS_SHOWN)
        fprintf(out, " … and %zu more", order->count - VISITS_SHOWN);
    fputc('\n', out);
}

/* --- Pairs ------------------------------------------------------------------------------------ */

static void print_matrix(FILE *out, const struct preparation *preparation)
{
    const struct order *order = &preparation->order;
    size_t rows = preparation->rows.count;
    size_t *times = memory_new(rows * rows, sizeof *times);

    for (size_t i = order->warmups + 1; i < order->count; i++)
        times[order->visit[i - 1].row * rows + order->visit[i].row]++;
    fprintf(out, "  from \\ to");
    for (size_t to = 0; to < rows; to++) {
        if (!preparation->rows.row[to].warmup)
            fprintf(out, " %3zu", to + 1);
    }
    fputc('\n', out);
    for (size_t from = 0; from < rows; from++) {
        if (preparation->rows.row[from].warmup)
            continue;
        fprintf(out, "  %9zu", from + 1);
        for (size_t to = 0; to < rows; to++) {
            if (preparation->rows.row[to].warmup)
                continue;
            if (times[from * rows + to] > 0)
                fprintf(out, " %3zu", times[from * rows + to]);
            else
                fprintf(out, "   ·");
        }
        fputc('\n', out);
    }
    free(times);
}

static void print_pairs(FILE *out, const struct preparation *preparation)
{
    const struct order *order = &preparation->order;
    struct order_pairs pairs = order_count_pairs(order);

    if (pairs.possible == 0)
        return;
    if (pairs.least == pairs.most)
        fprintf(out, "each of the %zu ordered pairs of rows %zu time%s", pairs.possible, pairs.most,
                pairs.most == 1 ? "" : "s");
    else
        fprintf(out, "%zu of the %zu ordered pairs of rows, up to %zu time%s each", pairs.visited,
                pairs.possible, pairs.most, pairs.most == 1 ? "" : "s");
    if (pairs.self > 0)
        fprintf(out, "; a row after itself %zu time%s", pairs.self, pairs.self == 1 ? "" : "s");
    fputc('\n', out);
    if (pairs.least != pairs.most && order->rows <= MATRIX_MOST)
        print_matrix(out, preparation);
}

/* --- What it would see ------------------------------------------------------------------------ */

/* The degrees of freedom that all visits give together. */
static double pooled_df(const struct preparation *preparation)
{
    const struct order *order = &preparation->order;
    double df = 0;

    for (size_t i = order->warmups; i < order->count; i++) {
        const struct row *row = &preparation->rows.row[order->visit[i].row];

        df += fmax(foresight_steady(row, &preparation->settings) - 1, 0);
    }
    return df;
}

/* How often the least visited row is. */
static size_t visits_least(const struct preparation *preparation)
{
    const struct order *order = &preparation->order;
    size_t *times = memory_new(preparation->rows.count, sizeof *times), least = order->count;

    for (size_t i = order->warmups; i < order->count; i++)
        times[order->visit[i].row]++;
    for (size_t i = 0; i < preparation->rows.count; i++) {
        if (times[i] > 0 && times[i] < least)
            least = times[i];
    }
    free(times);
    return least;
}

/* The smallest switch that is seen in each row, in standard deviations: the least of them, the
 * most, how many rows show none, and of how many that cannot be told. */
struct sight {
    double df, least, most;
    double together; /* by all visits to a row, the most */
    size_t blind, unknown;
};

static struct sight sight_of(const struct preparation *preparation, size_t visits)
{
    struct sight sight = {.df = pooled_df(preparation), .least = INFINITY};

    for (size_t i = 0; i < preparation->rows.count; i++) {
        const struct row *row = &preparation->rows.row[i];
        double steady = foresight_steady(row, &preparation->settings), smallest, together;

        if (row->warmup)
            continue;
        if (foresight_unknown(row, &preparation->settings))
            sight.unknown++;
        else
            sight.blind += steady < 1;
        if (steady < 1 || !(sight.df > 0))
            continue;
        smallest = replicate_smallest(steady, sight.df, 1, REPLICATE_LEVEL);
        together = replicate_smallest(steady, sight.df, visits, REPLICATE_LEVEL);
        sight.least = fmin(sight.least, smallest);
        sight.most = fmax(sight.most, smallest);
        sight.together = fmax(sight.together, together);
    }
    return sight;
}

static void print_resolution(FILE *out, const struct preparation *preparation)
{
    size_t visits = visits_least(preparation);
    struct sight sight = sight_of(preparation, visits);

    if (sight.unknown > 0)
        fprintf(out,
                "\nWhat a switch would show in %zu open-loop row%s depends on the answers; a "
                "probe would tell.\n",
                sight.unknown, sight.unknown == 1 ? "" : "s");
    if (sight.unknown == preparation->order.rows)
        return;
    if (!(sight.df > 0)) {
        fprintf(out,
                "\nNo switch can be measured: nowhere are there two steady requests, or waves. "
                "Set\nprobe.steady, or more num_requests.\n");
        return;
    }
    fprintf(out, "\nIn 80 %% of cases a visit shows a switch from %.1f", sight.least);
    if (sight.most > 1.05 * sight.least)
        fprintf(out, " (some rows: %.1f)", sight.most);
    fprintf(
        out,
        " standard deviations of the\nTTFT on (%.0f degrees of freedom): where TTFTs vary by %g "
        "%%, from %.0f %% of one.\n",
        sight.df, 100 * FORESIGHT_SPREAD, 100 * FORESIGHT_SPREAD * sight.most);
    if (visits > 1)
        fprintf(out, "All %zu visits to a row together: from %.0f %%.\n", visits,
                100 * FORESIGHT_SPREAD * sight.together);
    if (sight.blind > 0)
        fprintf(out, "%zu row%s show none: no request runs after the first wave.\n", sight.blind,
                sight.blind == 1 ? "" : "s");
}

/* Then there is nothing to tell: the table of rows shows it. */
static bool runs_as_listed(const struct preparation *preparation)
{
    return preparation->settings.order == ORDER_AS_LISTED && preparation->settings.passes == 1 &&
           !stop_asked(&preparation->settings.stop_when) && preparation->order.warmups == 0;
}

void outlook_print(FILE *out, const struct preparation *preparation)
{
    if (preparation->settings.concurrency_enabled)
        return;
    if (!runs_as_listed(preparation)) {
        print_order(out, preparation);
        print_pairs(out, preparation);
    }
    print_resolution(out, preparation);
}
