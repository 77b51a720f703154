#include "report/study_scatter.h"

#include <math.h>

#include "report/terminal.h"

/* Whether a row goes by this clock. */
static bool is_used(const struct study *study, enum switch_source source)
{
    for (size_t i = 0; i < study->rows; i++) {
        const struct switch_estimate *estimate = &study->row[i].estimate;

        if (estimate->verdict != SWITCH_NOT_MEASURABLE && estimate->source == source)
            return true;
    }
    return false;
}

/* What stands behind the sentences where rows go by two clocks. */
static const char *clock_of(const struct study *study, enum switch_source source)
{
    if (!is_used(study, SWITCH_SERVER) || !is_used(study, SWITCH_CLIENT))
        return "";
    return source == SWITCH_SERVER ? ", by the server's TTFT" : ", by the client's TTFT";
}

static void say_slow(FILE *out, const struct study_steady *steady, const char *clock)
{
    terminal_say(out,
                 "%zu of %zu steady requests stood out and were left out of the means%s: they took "
                 "%.0f %% longer on average, %.0f %% at most",
                 steady->slow, steady->requests, clock, 100 * steady->slow_excess,
                 100 * steady->slow_most);
}

static void say_steady(FILE *out, const struct study_steady *steady, const char *clock)
{
    if (steady->slow > 0)
        say_slow(out, steady, clock);
    if (steady->transient)
        terminal_say(out,
                     "the first steady requests of a visit are slow too, so the later half of "
                     "them counts%s",
                     clock);
    if (steady->drift)
        terminal_say(out,
                     "steady TTFTs %s by %.1f %% from one request to the next, so intervals go by "
                     "the spread between visits%s",
                     steady->drift_per_request < 0 ? "fall" : "rise",
                     100 * fabs(expm1(steady->drift_per_request)), clock);
    if (steady->neighbours)
        terminal_say(out,
                     "steady requests next to each other are alike, so intervals go by the spread "
                     "between visits%s",
                     clock);
}

void study_scatter_steady(FILE *out, const struct study *study)
{
    for (int source = 0; source < SWITCH_SOURCES; source++) {
        if (is_used(study, (enum switch_source)source))
            say_steady(out, &study->steady[source], clock_of(study, (enum switch_source)source));
    }
}

void study_scatter_cost(FILE *out, const struct study *study)
{
    const struct study_variation *variation = &study->variation;

    if (!(variation->df > 0))
        return;
    terminal_say(out, "costs vary by %.1f %% from visit to visit (%.0f degrees of freedom)%s",
                 100 * variation->share, variation->df,
                 variation->unequal ? ", and by more at some rows than at others" : "");
}
