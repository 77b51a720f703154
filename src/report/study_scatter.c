#include "report/study_scatter.h"

#include <math.h>

#include "report/study_words.h"
#include "report/terminal/terminal.h"

enum { NAME = 56 };

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

/* What stands in the sentences where rows go by two clocks. */
static const char *clock_of(const struct study *study, enum switch_source source)
{
    if (!is_used(study, SWITCH_SERVER) || !is_used(study, SWITCH_CLIENT))
        return "";
    return source == SWITCH_SERVER ? ", by the server's TTFT" : ", by the client's TTFT";
}

static void say_drift(FILE *out, const struct study_steady *steady, const char *clock)
{
    terminal_say(out,
                 "steady TTFTs %s by %.1f %% a minute%s: what the first one's "
                 "would be is reckoned back from them",
                 steady->drift_per_s < 0 ? "fall" : "rise",
                 100 * fabs(expm1(60 * steady->drift_per_s)), clock);
}

static void say_steady(FILE *out, const struct study_steady *steady, const char *clock)
{
    if (steady->slow > 0)
        terminal_say(out, "%zu of %zu steady requests stood out and %s left out of the means%s",
                     steady->slow, steady->requests, steady->slow == 1 ? "was" : "were", clock);
    if (steady->transient)
        terminal_say(out,
                     "the first steady requests of a visit are slow too%s: the later half of them "
                     "counts",
                     clock);
    if (steady->drift)
        say_drift(out, steady, clock);
    if (steady->neighbours)
        terminal_say(out,
                     "steady requests next to each other are alike%s: intervals are wider for it",
                     clock);
}

void study_scatter_steady(FILE *out, const struct study *study)
{
    for (int source = 0; source < SWITCH_SOURCES; source++) {
        if (is_used(study, (enum switch_source)source))
            say_steady(out, &study->steady[source], clock_of(study, (enum switch_source)source));
    }
}

void study_scatter_reloads(FILE *out, const struct study *study)
{
    char name[256];

    for (size_t i = 0; i < study->visits; i++) {
        const struct step *step = study->visit[i].step;

        if (!(step->estimate.flags & SWITCH_FLAG_RELOADED))
            continue;
        study_words_row(&step->row, NAME, name, sizeof name);
        terminal_say(out,
                     "step %zu, %s: request %zu waited as long as a switch: probably loaded again",
                     step->index + 1, name, step->measurement.reloaded);
    }
}

void study_scatter_cost(FILE *out, const struct study *study)
{
    const struct study_variation *variation = &study->variation;

    if (!(variation->df > 0))
        return;
    terminal_say(out, "costs vary by %.1f %% from visit to visit (%.0f degree%s of freedom)%s",
                 100 * variation->share, variation->df, variation->df < 1.5 ? "" : "s",
                 variation->unequal ? ", and by more at some rows than at others" : "");
}
