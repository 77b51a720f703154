#include "command/expectation.h"

#include <inttypes.h>
#include <math.h>

#include "command/foresight.h"
#include "command/likeness.h"
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
        double steady = foresight_steady(row, &preparation->settings);

        if (!row->warmup && steady >= 1)
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

static void print_rule(FILE *out, const struct stop_rule *rule)
{
    const struct study study = {.looks = (size_t)rule->at_most_passes};

    fprintf(out,
            "\nstop_when: the study ends after the pass, from the second on, by which the "
            "switch\n%s is known within ±%.3g %% (at %.3g %%), or is none that\nmatters; "
            "after %" PRId64 " in any case.\n",
            rule->of == STOP_PAIRS ? "from each row to each" : "to each row",
            100 * rule->half_width, 100 * study_confidence(&study), rule->at_most_passes);
}

static void print_passes(FILE *out, const struct stop_rule *rule, int64_t passes)
{
    if (passes > rule->at_most_passes)
        fprintf(out, "Expected: all %" PRId64 ", and not to be sure then", rule->at_most_passes);
    else
        fprintf(out, "Expected: %" PRId64 " passes", passes);
}

/* What the expected is expected by. */
static void print_premise(FILE *out, const struct likeness *likeness, const char *like)
{
    if (likeness->measured)
        fprintf(out, ", if TTFTs and switches are as in\n%s,\n", like);
    else
        fprintf(out, ", if TTFTs vary by %.3g %%, a switch takes\nas long as a TTFT, ",
                100 * likeness->spread);
    fprintf(out, "what it costs varies by %.3g %%%s, and every visit pays.\n",
            100 * likeness->cost_share,
            likeness->measured && !likeness->cost_measured ? " (that run does not tell)" : "");
}

static void print_all(FILE *out, const struct preparation *preparation,
                      const struct likeness *likeness, const char *like)
{
    const struct stop_rule *rule = &preparation->settings.stop_when;

    print_rule(out, rule);
    if (isnan(share_of(preparation, likeness))) {
        fprintf(out, "Expected: all %" PRId64 ", since no row shows a switch.\n",
                rule->at_most_passes);
        return;
    }
    print_passes(out, rule, passes_expected(preparation, likeness));
    print_premise(out, likeness, like);
}

bool expectation_print(FILE *out, const struct preparation *preparation, const char *like,
                       struct error *error)
{
    struct likeness likeness = {0};
    bool known = true;

    if (!stop_asked(&preparation->settings.stop_when) || preparation->order.rows == 0)
        return true;
    known = likeness_of(like, &preparation->rows, &likeness, error);
    if (known)
        print_all(out, preparation, &likeness, like);
    likeness_clear(&likeness);
    return known;
}
