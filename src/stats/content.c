#include "stats/content.h"

#include <math.h>

#include "stats/exposure.h"

static const double far_below = 0.5, deviations = 3;

static bool came_sooner(const struct switch_evidence *evidence)
{
    const struct switch_side *side = &evidence->side[evidence->source];
    double deviation;

    if (side->steady == 0 || !(side->log_ratio < 0))
        return false;
    if (side->log_ratio < log(far_below))
        return true;
    deviation = sqrt(side->log_squares / ((double)side->steady - 1));
    return side->steady > 1 &&
           side->log_ratio < -deviations * deviation * sqrt(1 + 1 / (double)side->steady);
}

static bool belongs(const struct study *study, const size_t *member, size_t count)
{
    bool sooner = false;

    for (size_t i = 0; i < count; i++) {
        const struct switch_evidence *evidence = &study->visit[member[i]].step->evidence;

        if (evidence->reason != SWITCH_MEASURABLE || (evidence->flags & SWITCH_FLAG_BY_CONTENT))
            continue;
        if (evidence->content.steady == 0)
            return false;
        sooner |= came_sooner(evidence);
    }
    return sooner;
}

/* The sides change places, so that the samples of both stay owned. */
static void go_by_content(const struct row *row, struct switch_evidence *evidence)
{
    struct switch_side client = evidence->side[SWITCH_CLIENT];

    evidence->side[SWITCH_CLIENT] = evidence->content;
    evidence->content = client;
    evidence->flags |= SWITCH_FLAG_BY_CONTENT;
    exposure_go_by(SWITCH_CLIENT, row, evidence);
}

void content_take(struct study *study, const struct grouping *rows)
{
    for (size_t g = 0; g < rows->groups; g++) {
        const size_t *member = &rows->member[rows->begin[g]];
        size_t count = rows->begin[g + 1] - rows->begin[g];

        if (!belongs(study, member, count))
            continue;
        for (size_t i = 0; i < count; i++) {
            struct step *step = study->visit[member[i]].step;

            if (step->evidence.reason == SWITCH_MEASURABLE &&
                !(step->evidence.flags & SWITCH_FLAG_BY_CONTENT))
                go_by_content(&step->row, &step->evidence);
        }
    }
}
