#include "command/proposal.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "command/foresight.h"
#include "command/likeness.h"
#include "plan/advice.h"
#include "report/terminal.h"
#include "stats/prospect.h"
#include "stats/replicate.h"

enum { PASSES_MOST = 200 };

/* With fewer than five, one slow request among them is half of what is known of a visit. */
static const int64_t steadies[] = {5, 6, 8, 10, 12, 16, 20, 24, 32, 48, 64};

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

/* --- Designs ---------------------------------------------------------------------------------- */

struct design {
    bool pairs; /* each pair of rows is to be seen, else each row */
    int64_t passes, steady;
    double error_s;    /* the noise of a visit's value, at the noisiest row */
    double smallest_s; /* that is seen at every row, or pair */
    double steps, seconds;
};

struct search {
    const struct rows *rows;
    const struct likeness *likeness;
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

static double groups_of(const struct search *search, const struct design *design)
{
    return search->count * (design->pairs ? search->count - 1 : 1);
}

/* A visit's noise is its row's deviation × √(1 + 1/steady); the rest all of them share. */
static void add_smallest(const struct search *search, struct design *design)
{
    double df = 0;

    for (size_t i = 0; i < search->rows->count; i++) {
        const struct row *row = &search->rows->row[i];
        double steady = foresight_steady(row, &search->settings);

        if (row->warmup)
            continue;
        df += visits_of(search, design) * (steady - 1);
        design->error_s =
            fmax(design->error_s, search->likeness->row[i].deviation_s * sqrt(1 + 1 / steady));
    }
    design->smallest_s =
        prospect_smallest(design->error_s, search->likeness->cost_share, fmax(df, 1),
                          (size_t)design->passes, REPLICATE_LEVEL / groups_of(search, design));
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

/* How closely the study knows a switch of `wanted_s`. */
static void print_width(FILE *out, const struct search *search, const struct design *design,
                        double wanted_s)
{
    double share = hypot(search->likeness->cost_share, design->error_s / wanted_s);
    double half = prospect_half_width(share, (double)design->passes, groups_of(search, design),
                                      REPLICATE_CONFIDENCE);

    if (isinf(half))
        fprintf(out, "; how much a switch varies stays unknown");
    else
        fprintf(out, "; it is then known within ±%.0f %%", 100 * half);
}

static void print_design(FILE *out, const struct search *search, const struct design *design,
                         double wanted_s)
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
    else
        print_width(out, search, design, wanted_s);
    fputc('\n', out);
}

static void print_premise(FILE *out, const struct likeness *likeness, double wanted_s,
                          const char *like)
{
    fprintf(out, "\nTo see a switch of %g ms in 80 %% of cases, ", 1000 * wanted_s);
    if (likeness->measured)
        fprintf(out, "TTFTs and their spread being those of\n%s (up to %.3f s, and %.1f %%):\n",
                like, likeness->ttft_s, 100 * likeness->spread);
    else
        fprintf(out,
                "where TTFTs are %g s and vary\nby %g %% (an example: --like DIR takes both from a "
                "run):\n",
                likeness->ttft_s, 100 * likeness->spread);
}

static void print_remarks(FILE *out, const struct likeness *likeness)
{
    fprintf(
        out,
        "Every visit is taken to pay; where only some do, more passes are needed. What a switch\n"
        "costs is taken to vary by %.3g %% from visit to visit%s.\n",
        100 * likeness->cost_share, likeness->cost_measured ? ", as in that run" : "");
}

bool proposal_print(FILE *out, const struct preparation *preparation, double seconds,
                    const char *like, struct error *error)
{
    const struct rows *rows = &preparation->rows;
    struct likeness likeness = {0};
    struct search search = {.rows = rows,
                            .likeness = &likeness,
                            .settings = preparation->settings,
                            .count = (double)preparation->order.rows};
    bool known = likeness_of(like, rows, &likeness, error);

    if (known) {
        print_premise(out, &likeness, seconds, like);
        for (int pairs = 0; pairs < (search.count > 1 ? 2 : 1); pairs++) {
            struct design design = find(&search, pairs, seconds);

            print_design(out, &search, &design, seconds);
        }
        print_remarks(out, &likeness);
    }
    likeness_clear(&likeness);
    return known;
}
