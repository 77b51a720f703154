#include "design/expectation.h"

#include <math.h>

#include "design/likeness.h"
#include "design/resolution.h"
#include "stats/prospect.h"
#include "stats/study.h"

/* What is visited: rows, or pairs of them, and how often each in a pass, on average. */
struct visiting {
    double groups, times;
};

static struct visiting visiting_of(const struct preparation *preparation)
{
    const struct stop_rule *rule = &preparation->settings.stop_when;
    const struct order *order = &preparation->order;
    double visits = (double)(order->count - order->warmups), passes = (double)rule->at_most_passes;
    struct order_pairs pairs;

    if (rule->of == STOP_ROWS)
        return (struct visiting){(double)order->rows, visits / passes / (double)order->rows};
    pairs = order_count_pairs(order);
    return (struct visiting){(double)pairs.visited, visits / passes / (double)pairs.visited};
}

/* By how much a visit's value varies, as a share of the switch: at the row where that is most; NAN
 * where none shows a switch. */
static double share_of(const struct preparation *preparation, const struct likeness *likeness)
{
    double most = NAN;

    for (size_t i = 0; i < preparation->rows.count; i++) {
        const struct row *row = &preparation->rows.row[i];
        const struct likeness_row *like = &likeness->row[i];
        double steady = resolution_steady(row, &preparation->settings);

        if (row_is_studied(row) && steady >= 1)
            most = fmax(most, like->deviation_s * sqrt(1 + 1 / steady) / like->switch_s);
    }
    return hypot(most, likeness->cost_share);
}

/* The passes by which the interval is narrow enough; more than the most: none of them. */
static int64_t passes_expected(const struct preparation *preparation,
                               const struct likeness *likeness)
{
    const struct stop_rule *rule = &preparation->settings.stop_when;
    const struct study study = {.looks = (size_t)rule->at_most_passes};
    struct visiting visiting = visiting_of(preparation);
    double share = share_of(preparation, likeness);
    int64_t passes = STOP_FIRST_LOOK;

    while (passes <= rule->at_most_passes &&
           !(prospect_half_width(share, (double)passes * visiting.times, visiting.groups,
                                 study_confidence(&study)) <= rule->half_width))
        passes++;
    return passes;
}

static struct preview_end end_of(const struct preparation *preparation,
                                 const struct likeness *likeness, const char *like)
{
    const struct stop_rule *rule = &preparation->settings.stop_when;
    const struct study study = {.looks = (size_t)rule->at_most_passes};
    bool shows = !isnan(share_of(preparation, likeness));

    return (struct preview_end){.asked = true,
                                .pairs = rule->of == STOP_PAIRS,
                                .half_width = rule->half_width,
                                .confidence = study_confidence(&study),
                                .at_most = rule->at_most_passes,
                                .expected = shows ? passes_expected(preparation, likeness) : 0,
                                .shows = shows,
                                .premise = likeness_premise(likeness, like)};
}

bool expectation_of(const struct preparation *preparation, const char *like,
                    struct preview_end *end, struct error *error)
{
    struct likeness likeness = {0};
    bool known;

    *end = (struct preview_end){0};
    if (!stop_asked(&preparation->settings.stop_when) || preparation->order.rows == 0)
        return true;
    known = likeness_of(like, &preparation->rows, &likeness, error);
    if (known)
        *end = end_of(preparation, &likeness, like);
    likeness_clear(&likeness);
    return known;
}
