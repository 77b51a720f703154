#include "design/proposal.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "design/likeness.h"
#include "design/resolution.h"
#include "plan/advice.h"
#include "plan/mixes.h"
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
        return error_set(error, "--resolve: '%s' is not a time above 0; write 20ms or 0.02", text);
    *seconds = value;
    return true;
}

/* --- Designs ---------------------------------------------------------------------------------- */

struct search {
    const struct rows *rows;
    const struct mixes *mixes;
    const struct likeness *likeness;
    struct settings settings; /* the plan's, with the design's probe */
    double count;             /* rows that are no warm-up and run alone, and … */
    double places;            /* … these with mixes */
};

/* Visits to a row: all pairs are so many times n − 1, a shuffle so many. */
static double visits_of(const struct search *search, const struct resolution_design *design)
{
    return design->pairs ? (double)design->passes * (search->places - 1) : (double)design->passes;
}

/* A visit to the row, or to the mix that begins with it: its longest member's. */
static double visit_seconds(const struct search *search, size_t row)
{
    double seconds = 0;

    for (; row < search->rows->count; row = search->mixes->next[row])
        seconds = fmax(seconds, advice_step_seconds(&search->rows->row[row], &search->settings));
    return fmin(seconds, search->settings.timeout_s);
}

static void add_time(const struct search *search, struct resolution_design *design)
{
    double visits = visits_of(search, design);

    for (size_t i = 0; i < search->rows->count; i++) {
        const struct row *row = &search->rows->row[i];
        double times = row->warmup ? 1 : visits;

        if (search->mixes->members[i] == 0)
            continue; /* with the first of its mix */
        design->steps += times;
        design->seconds += times * visit_seconds(search, i);
    }
    design->steps += design->pairs; /* the visit that a circuit begins with */
    design->seconds += (design->steps - 1) * search->settings.time_delay_s;
}

static double groups_of(const struct search *search, const struct resolution_design *design)
{
    return search->count * (design->pairs ? search->count - 1 : 1);
}

/* A visit's noise is its row's deviation × √(1 + 1/steady); the rest all of them share. */
static void add_smallest(const struct search *search, struct resolution_design *design)
{
    double df = 0, ttft_s = INFINITY;

    for (size_t i = 0; i < search->rows->count; i++) {
        const struct row *row = &search->rows->row[i];
        double steady = resolution_steady(row, &search->settings);

        if (!row_is_studied(row))
            continue;
        df += visits_of(search, design) * (steady - 1);
        design->error_s =
            fmax(design->error_s, search->likeness->row[i].deviation_s * sqrt(1 + 1 / steady));
        ttft_s = fmin(ttft_s, search->likeness->row[i].ttft_s);
    }
    design->smallest_s = replicate_seen_s(
        prospect_smallest(design->error_s, search->likeness->cost_share, fmax(df, 1),
                          (size_t)design->passes, REPLICATE_LEVEL / groups_of(search, design)),
        ttft_s);
}

/* The design that sees `wanted_s` in the least time; where none does, the one that sees most. */
static struct resolution_design find(struct search *search, bool pairs, double wanted_s)
{
    struct resolution_design best = {.smallest_s = INFINITY};

    for (int64_t passes = 1; passes <= PASSES_MOST; passes++) {
        for (size_t i = 0; i < sizeof steadies / sizeof *steadies; i++) {
            struct resolution_design design = {
                .pairs = pairs, .passes = passes, .steady = steadies[i]};
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

/* How closely the study knows a switch of `wanted_s`. */
static double half_width_of(const struct search *search, const struct resolution_design *design,
                            double wanted_s)
{
    double share = hypot(search->likeness->cost_share, design->error_s / wanted_s);

    return prospect_half_width(share, (double)design->passes, groups_of(search, design),
                               REPLICATE_CONFIDENCE);
}

bool proposal_of(const struct preparation *preparation, double seconds, const char *like,
                 struct resolution *resolution, struct error *error)
{
    const struct rows *rows = &preparation->rows;
    const struct order *order = &preparation->order;
    struct likeness likeness = {0};
    struct mixes mixes;
    struct search search = {.rows = rows,
                            .mixes = &mixes,
                            .likeness = &likeness,
                            .settings = preparation->settings,
                            .count = (double)order->rows,
                            .places = (double)(order->rows + order->mixes)};
    bool known = likeness_of(like, rows, &likeness, error);

    mixes_find(rows, &mixes);
    if (known) {
        *resolution = (struct resolution){.wanted_s = seconds,
                                          .premise = likeness_premise(&likeness, like),
                                          .designs = search.count > 1 ? 2 : 1};
        for (size_t i = 0; i < resolution->designs; i++) {
            struct resolution_design *design = &resolution->design[i];

            *design = find(&search, i == 1, seconds);
            design->half_width = half_width_of(&search, design, seconds);
        }
    }
    mixes_clear(&mixes);
    likeness_clear(&likeness);
    return known;
}
