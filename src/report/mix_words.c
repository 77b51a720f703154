#include "report/mix_words.h"

#include <math.h>

#include "core/unit.h"

/* --- Measured --------------------------------------------------------------------------------- */

/* "25 % (20 % to 30 %)". */
static void add_share(const struct mix_range *range, struct text *text)
{
    char value[UNIT_TEXT], low[UNIT_TEXT], high[UNIT_TEXT];

    text_printf(text, "%s (%s to %s)", unit_share(range->value, value), unit_share(range->low, low),
                unit_share(range->high, high));
}

/* "14.8 ms (11.9 to 18.4 ms)", without the interval where it has no end. */
static void add_time_range(const struct mix_range *range, struct text *text)
{
    char value[UNIT_TEXT], between[UNIT_TEXT];

    text_add_string(text, unit_time(range->value, value));
    if (isfinite(range->high))
        text_printf(text, " (%s)", unit_time_range(range->low, range->high, between));
}

static void add_costs(const struct mix_switching *switching, struct text *text)
{
    add_share(&switching->switch_paid_share, text);
    text_add_string(text, " of the calls pay for a switch, which costs a call ");
    add_time_range(&switching->switch_s_per_call, text);
    text_add_string(text, " on average and takes ");
    add_share(&switching->switch_time_share, text);
    text_add_string(text, " of the node's time");
    if (!isnan(switching->switch_wait_s_per_call.value)) {
        text_add_string(text, "; in all, calls wait ");
        add_time_range(&switching->switch_wait_s_per_call, text);
        text_add_string(text, " longer than if everything stayed in memory");
    }
    if (switching->source == SWITCH_CLIENT)
        text_add_string(text, "; by the client's TTFT of calls that came while no other ran");
}

void mix_words_add_measured(const struct mix *mix, struct text *text)
{
    static const char *const why[MIX_REASONS] = {
        [MIX_NO_TTFT] = "not measurable, since some of its calls have no TTFT",
        [MIX_FROM_HERE] = "not measurable from here: the server tells no TTFT, and the client's "
                          "holds what calls wait for each other",
        [MIX_TOO_FEW] = "not measurable with so few calls",
        [MIX_NO_BASELINE] = "not measurable, since it is not known what a call takes without a "
                            "switch; visit the members alone before",
        [MIX_SHARED] = "not measurable, since something else used the endpoint meanwhile",
    };
    enum mix_reason reason = mix->switching.reason;

    if (!(mix->window_s > 0) || reason == MIX_NOT_LOOKED_AT)
        return;
    text_add_string(text, "switching: ");
    if (reason == MIX_MEASURED)
        add_costs(&mix->switching, text);
    else
        text_add_string(text, why[reason]);
}

/* --- Predicted -------------------------------------------------------------------------------- */

static void add_prediction(const struct mix_switching *switching, struct text *text)
{
    const struct mix_predicted *predicted = &switching->predicted;
    char paid[UNIT_TEXT], call[UNIT_TEXT], time[UNIT_TEXT], wait[UNIT_TEXT];

    text_printf(text, "%s: %s of the calls pay, %s a call, %s of the node's time",
                switching->grouped ? "what is loaded is served first" : "served in order",
                unit_share(predicted->switch_paid_share, paid),
                unit_time(predicted->switch_s_per_call, call),
                unit_share(predicted->switch_time_share, time));
    if (isnan(switching->predicted_wait_s_per_call))
        text_printf(text, "; that is more than the node can do, it needs %s of its time",
                    unit_share(switching->predicted_utilisation, wait));
    else
        text_printf(text, "; calls wait %s longer",
                    unit_time(switching->predicted_wait_s_per_call, wait));
}

/* "−0.5 points"; 0 has no sign. */
static void add_points(double difference, struct text *text)
{
    double points = round(1000 * difference) / 10;

    text_printf(text, points == 0 ? "%.1f points" : "%+.1f points", fabs(points) > 0 ? points : 0);
}

static void add_time(double difference_s, struct text *text)
{
    char time[UNIT_TEXT];

    text_printf(text, "%s%s", difference_s > 0 ? "+" : "", unit_time(difference_s, time));
}

static void add_differences(const struct mix_switching *switching, struct text *text)
{
    const struct mix_predicted *predicted = &switching->predicted;
    double wait_s = switching->switch_wait_s_per_call.value - switching->predicted_wait_s_per_call;

    text_add_string(text, ". Measured less predicted: ");
    add_points(switching->switch_paid_share.value - predicted->switch_paid_share, text);
    text_add_string(text, ", ");
    add_time(switching->switch_s_per_call.value - predicted->switch_s_per_call, text);
    text_add_string(text, ", ");
    add_points(switching->switch_time_share.value - predicted->switch_time_share, text);
    if (isnan(wait_s))
        return;
    text_add_string(text, ", ");
    add_time(wait_s, text);
}

void mix_words_add_predicted(const struct mix *mix, struct text *text)
{
    const struct mix_switching *switching = &mix->switching;

    if (!mix->study || !(mix->window_s > 0))
        return;
    if (switching->lack != MIX_LACKS_NOTHING) {
        text_printf(text, "no prediction by %s: %s", mix->study, mix_lack_words[switching->lack]);
        return;
    }
    text_printf(text, "predicted by %s, ", mix->study);
    add_prediction(switching, text);
    if (switching->reason == MIX_MEASURED)
        add_differences(switching, text);
    if (switching->in_a_row_under_tenth > 0)
        text_printf(text,
                    ". With %.0f calls to a model in a row it would be under 10 %% of the time",
                    switching->in_a_row_under_tenth);
}

/* --- Remarks ---------------------------------------------------------------------------------- */

/* "a: remark" behind a semicolon where something stands before. */
static void add_remark(const char *model, const char *remark, struct text *text)
{
    text_printf(text, "%s%s: %s", text->length > 0 ? "; " : "", model, remark);
}

void mix_words_add_remarks(const struct mix *mix, struct text *text)
{
    if (mix->switching.reason != MIX_MEASURED || !(mix->window_s > 0))
        return;
    for (size_t i = 0; i < mix->members; i++) {
        const struct mix_member_switching *member = &mix->switching.member[i];
        const char *model = mix->member[i].model;

        if (member->reason != MIX_MEASURED)
            add_remark(model, mix_reason_words[member->reason], text);
        if (member->disagrees)
            add_remark(model,
                       "its TTFT without a switch is another than in its steady visit, and counts",
                       text);
        if (member->blurred)
            add_remark(model, "a switch is short beside what TTFTs vary by, so who paid is unsure",
                       text);
    }
}
