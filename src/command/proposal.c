#include "command/proposal.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "command/foresight.h"
#include "core/memory.h"
#include "plan/advice.h"
#include "report/terminal.h"
#include "stats/replicate.h"
#include "stats/study.h"
#include "store/results.h"

/* No two requests are more alike than clocks tell. */
static const double least_s = 1e-6;

enum { PASSES_MOST = 200 };
static const int64_t steadies[] = {2, 3, 4, 5, 6, 8, 10, 12, 16, 20, 24, 32, 48, 64};

bool proposal_read(const char *text, double *seconds, struct error *error)
{
    char *end;
    double value = strtod(text, &end);

    end += strspn(end, " ");
    if (strcmp(end, "ms") == 0)
        value /= 1000;
    else if (*end && strcmp(end, "s") != 0)
        value = NAN;
    if (end == text || !(value > 0) || isinf(value))
        return error_set(error, "--resolve: '%s' is no time above 0; write 20ms or 0.02", text);
    *seconds = value;
    return true;
}

/* --- How much TTFTs vary ---------------------------------------------------------------------- */

/* One standard deviation of each row's TTFT, in seconds; 0 of a warm-up. */
struct noise {
    double *deviation_s;   /* owned */
    double ttft_s, spread; /* the largest of them, as an example or as the run has them */
    bool measured;
};

/* Of the row itself, else of its model's rows, else of any: the largest. */
static double look_up(const struct study *study, const struct row *row)
{
    double largest[3] = {0};

    for (size_t i = 0; i < study->rows; i++) {
        const struct study_group *group = &study->row[i];
        double deviation_s = group->steady_s * group->estimate.spread;
        int near = row_compare(group->to, row) == 0                      ? 0
                   : strcmp(group->to->model_name, row->model_name) == 0 ? 1
                                                                         : 2;

        for (int k = near; k < 3; k++)
            largest[k] = fmax(largest[k], deviation_s); /* not of one that could not be measured */
    }
    for (int k = 0; k < 3; k++) {
        if (largest[k] > 0)
            return largest[k];
    }
    return 0;
}

static bool noise_like(const char *like, const struct rows *rows, struct noise *noise,
                       struct error *error)
{
    struct results results = {0};
    struct study study = {0};
    bool read = results_read(like, &results, error);

    if (read) {
        study_add(&study, results.step, results.count);
        study_conclude(&study);
        for (size_t i = 0; i < rows->count; i++)
            noise->deviation_s[i] = fmax(look_up(&study, &rows->row[i]), least_s);
        for (size_t i = 0; i < study.rows; i++) {
            noise->ttft_s = fmax(noise->ttft_s, study.row[i].steady_s);
            noise->spread = fmax(noise->spread, study.row[i].estimate.spread);
        }
        noise->measured = true;
        if (!(noise->ttft_s > 0))
            read = error_set(error,
                             "%s: does not tell how much TTFTs vary, since none of its rows could "
                             "be measured; leave --like out",
                             like);
    }
    study_clear(&study);
    results_clear(&results);
    return read;
}

static void noise_of_example(const struct rows *rows, struct noise *noise)
{
    noise->ttft_s = ADVICE_TTFT_S;
    noise->spread = FORESIGHT_SPREAD;
    for (size_t i = 0; i < rows->count; i++)
        noise->deviation_s[i] = ADVICE_TTFT_S * FORESIGHT_SPREAD;
}

/* --- Designs ---------------------------------------------------------------------------------- */

struct design {
    bool pairs; /* each pair of rows is to be seen, else each row */
    int64_t passes, steady;
    double smallest_s; /* that is seen at every row, or pair */
    double steps, seconds;
};

struct search {
    const struct rows *rows;
    const struct noise *noise;
    struct settings settings; /* the plan's, with the design's probe */
    double count;             /* rows that are no warm-up */
};

/* Visits to a row: all pairs are so many times n − 1, a shuffle so many. */
static double visits_of(const struct search *search, const struct design *design)
{
    return design->pairs ? (double)design->passes * (search->count - 1) : (double)design->passes;
}

static void add_time(const struct search *search, struct design *design)
{
    double visits = visits_of(search, design);

    for (size_t i = 0; i < search->rows->count; i++) {
        const struct row *row = &search->rows->row[i];
        double times = row->warmup ? 1 : visits;

        design->steps += times;
        design->seconds +=
            times * fmin(advice_step_seconds(row, &search->settings), search->settings.timeout_s);
    }
    design->steps += design->pairs; /* the visit that a circuit begins with */
    design->seconds += (design->steps - 1) * search->settings.time_delay_s;
}

/* A row's smallest switch is its deviation × √(1 + 1/steady) × what all of them share. */
static void add_smallest(const struct search *search, struct design *design)
{
    double family = search->count * (design->pairs ? search->count - 1 : 1), df = 0, most = 0;

    for (size_t i = 0; i < search->rows->count; i++) {
        const struct row *row = &search->rows->row[i];
        double steady = foresight_steady(row, &search->settings);

        if (row->warmup)
            continue;
        df += visits_of(search, design) * (steady - 1);
        most = fmax(most, search->noise->deviation_s[i] * sqrt(1 + 1 / steady));
    }
    design->smallest_s = most * replicate_smallest(INFINITY, fmax(df, 1), (size_t)design->passes,
                                                   REPLICATE_LEVEL / family);
}

/* The design that sees `wanted_s` in the least time; where none does, the one that sees most. */
static struct design find(struct search *search, bool pairs, double wanted_s)
{
    struct design best = {.smallest_s = INFINITY};

    for (int64_t passes = 1; passes <= PASSES_MOST; passes++) {
        for (size_t i = 0; i < sizeof steadies / sizeof *steadies; i++) {
            struct design design = {.pairs = pairs, .passes = passes, .steady = steadies[i]};
            bool sees, better;

            search->settings.probe.steady = design.steady;
            add_time(search, &design);
            if (best.smallest_s <= wanted_s && design.seconds >= best.seconds)
                continue;
            add_smallest(search, &design);
            sees = design.smallest_s <= wanted_s;
            better = best.smallest_s > wanted_s ? design.smallest_s < best.smallest_s
                                                : sees && design.seconds < best.seconds;
            if (better)
                best = design;
        }
    }
    return best;
}

/* --- Words ------------------------------------------------------------------------------------ */

static void print_design(FILE *out, const struct design *design, double wanted_s)
{
    char time[48];

    terminal_duration(design->seconds, time, sizeof time);
    fprintf(out, "  %-22s order: %-10s passes: %-3lld probe: {steady: %lld}\n",
            design->pairs ? "from each row to each:" : "to each row:",
            design->pairs ? "all-pairs" : "shuffle", (long long)design->passes,
            (long long)design->steady);
    fprintf(out, "  %-22s %.0f steps, about %s", "", design->steps, time);
    if (design->smallest_s > wanted_s)
        fprintf(out, "; but no less than %.0f ms is seen so", 1000 * design->smallest_s);
    fputc('\n', out);
}

static void print_premise(FILE *out, const struct noise *noise, double wanted_s, const char *like)
{
    fprintf(out, "\nTo see a switch of %g ms in 80 %% of cases, ", 1000 * wanted_s);
    if (noise->measured)
        fprintf(out, "TTFTs and their spread being those of\n%s (up to %.3f s, and %.1f %%):\n",
                like, noise->ttft_s, 100 * noise->spread);
    else
        fprintf(out,
                "where TTFTs are %g s and vary\nby %g %% (an example: --like DIR takes both from a "
                "run):\n",
                noise->ttft_s, 100 * noise->spread);
}

bool proposal_print(FILE *out, const struct preparation *preparation, double seconds,
                    const char *like, struct error *error)
{
    const struct rows *rows = &preparation->rows;
    struct noise noise = {.deviation_s = memory_new(rows->count, sizeof(double))};
    struct search search = {.rows = rows,
                            .noise = &noise,
                            .settings = preparation->settings,
                            .count = (double)preparation->order.rows};
    bool known = true;

    if (like)
        known = noise_like(like, rows, &noise, error);
    else
        noise_of_example(rows, &noise);
    if (known) {
        print_premise(out, &noise, seconds, like);
        for (int pairs = 0; pairs < (search.count > 1 ? 2 : 1); pairs++) {
            struct design design = find(&search, pairs, seconds);

            print_design(out, &design, seconds);
        }
        fprintf(out, "Every visit is taken to pay; where only some do, more passes are needed.\n");
    }
    free(noise.deviation_s);
    return known;
}
