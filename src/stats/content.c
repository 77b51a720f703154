#include "stats/content.h"

#include <math.h>

#include "stats/exposure.h"

static const double far_below = 0.5, deviations = 3;

static bool came_sooner(const struct switch_measurement *measurement)
{
    const struct switch_side *side = &measurement->side[measurement->source];
    double deviation;

    if (side->steady == 0 || !(side->log_ratio < 0))
        return false;
    if (side->log_ratio < log(far_below))
        return true;
    deviation = sqrt(side->log_squares / ((double)side->steady - 1));
    return side->steady > 1 &&
           side->log_ratio < -deviations * deviation * sqrt(1 + 1 / (double)side->steady);
}

/* A visit that makes its row go by content. The server's clock knows nothing of what a proxy says,
 * so it is believed whatever came first. */
static bool is_misled(const struct switch_measurement *measurement)
{
    return came_sooner(measurement) ||
           (measurement->source == SWITCH_CLIENT && measurement->opening == OPENING_UNLIKE);
}

static bool belongs(const struct study *study, const size_t *member, size_t count)
{
    bool misled = false;

    for (size_t i = 0; i < count; i++) {
        const struct switch_measurement *measurement = &study->visit[member[i]].step->measurement;

        if (measurement->reason != SWITCH_MEASURABLE ||
            (measurement->flags & SWITCH_FLAG_BY_CONTENT) ||
            measurement->opening == OPENING_CONTENT)
            continue;
        if (measurement->content.steady == 0)
            return false;
        misled |= is_misled(measurement);
    }
    return misled;
}

/* The sides change places, so that the samples of both stay owned; where all began with content,
 * the client's is by content as it is. */
static void go_by_content(const struct row *row, struct switch_measurement *measurement)
{
    struct switch_side client = measurement->side[SWITCH_CLIENT];

    if (measurement->opening != OPENING_CONTENT) {
        measurement->side[SWITCH_CLIENT] = measurement->content;
        measurement->content = client;
    }
    measurement->flags |= SWITCH_FLAG_BY_CONTENT;
    exposure_go_by(SWITCH_CLIENT, row, measurement);
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

            if (step->measurement.reason == SWITCH_MEASURABLE &&
                !(step->measurement.flags & SWITCH_FLAG_BY_CONTENT))
                go_by_content(&step->row, &step->measurement);
        }
    }
}
