#include "report/headline_parts.h"

#include <math.h>
#include <string.h>

#include "core/memory.h"
#include "core/unit.h"
#include "report/call_mix_words.h"
#include "stats/family.h"

/* --- What switching to each model costs ------------------------------------------------------- */

/* What the rows of a model say together. */
struct model_finding {
    const struct study_model *model;
    enum switch_verdict verdict; /* detected where one of its rows is; else the least certain */
    enum switch_reason reason;   /* where not measurable */
    double none_above_s;         /* where not detected: the largest of its rows' */
    double smallest_s;           /* where inconclusive: the same */
};

static void take_row(struct model_finding *finding, const struct switch_estimate *estimate)
{
    static const int rank[] = {[SWITCH_NOT_MEASURABLE] = 0,
                               [SWITCH_NOT_DETECTED] = 1,
                               [SWITCH_INCONCLUSIVE] = 2,
                               [SWITCH_DETECTED] = 3};

    if (rank[estimate->verdict] > rank[finding->verdict])
        finding->verdict = estimate->verdict;
    if (estimate->verdict == SWITCH_NOT_MEASURABLE)
        finding->reason = estimate->reason;
    if (estimate->verdict == SWITCH_NOT_DETECTED)
        finding->none_above_s = fmax(finding->none_above_s, family_none_above_s(estimate));
    if (estimate->verdict == SWITCH_INCONCLUSIVE)
        finding->smallest_s = fmax(finding->smallest_s, estimate->smallest_s);
}

static struct model_finding find_of(const struct study *study, const struct study_model *model)
{
    struct model_finding finding = {.model = model, .verdict = SWITCH_NOT_MEASURABLE};

    for (size_t i = 0; i < study->rows; i++) {
        if (strcmp(study->row[i].to->model_name, model->name) == 0)
            take_row(&finding, &study->row[i].estimate);
    }
    if (finding.verdict == SWITCH_DETECTED && !isfinite(model->cost.cost_s))
        finding.verdict = SWITCH_INCONCLUSIVE;
    return finding;
}

/* All of them. */
struct findings {
    size_t count[SWITCH_NOT_MEASURABLE + 1], models;
    double least_s, most_s;          /* of the costs found */
    double none_above_s, smallest_s; /* the largest of those that show none, or are not sure */
};

static struct findings find_all(const struct study *study)
{
    struct findings all = {.models = study->models, .least_s = INFINITY, .most_s = -INFINITY};

    for (size_t i = 0; i < study->models; i++) {
        struct model_finding one = find_of(study, &study->model[i]);

        all.count[one.verdict]++;
        all.none_above_s = fmax(all.none_above_s, one.none_above_s);
        all.smallest_s = fmax(all.smallest_s, one.smallest_s);
        if (one.verdict != SWITCH_DETECTED)
            continue;
        all.least_s = fmin(all.least_s, one.model->cost.cost_s);
        all.most_s = fmax(all.most_s, one.model->cost.cost_s);
    }
    return all;
}

static void add_others(const struct findings *all, struct text *text)
{
    size_t none = all->count[SWITCH_NOT_DETECTED], open = all->count[SWITCH_INCONCLUSIVE];
    char number[UNIT_TEXT];

    if (none > 0)
        text_printf(text, "; %zu of %zu models show%s none above %s", none, all->models,
                    none == 1 ? "s" : "", unit_time(all->none_above_s, number));
    if (open > 0)
        text_printf(text, "; %zu of %zu models %s not settled", open, all->models,
                    open == 1 ? "is" : "are");
}

static void add_costs(const struct findings *all, const struct study *study, struct text *text)
{
    char range[UNIT_TEXT];
    size_t found = all->count[SWITCH_DETECTED];

    unit_time_range(all->least_s, all->most_s, range);
    if (all->models == 1)
        text_printf(text, "A switch to %s costs %s", study->model[0].name, range);
    else if (found > 1 && strstr(range, " to "))
        text_printf(text, "A switch costs %s, by the model that is loaded", range);
    else
        text_printf(text, "A switch costs %s", range);
    add_others(all, text);
}

void headline_add_cost(const struct study *study, struct text *text)
{
    struct findings all = find_all(study);
    char number[UNIT_TEXT];

    if (all.count[SWITCH_DETECTED] > 0)
        add_costs(&all, study, text);
    else if (all.count[SWITCH_INCONCLUSIVE] > 0)
        text_printf(text, "No switch was found, though one under %s may be missed",
                    unit_time(all.smallest_s, number));
    else if (all.count[SWITCH_NOT_DETECTED] > 0)
        text_printf(text, "No switch costs more than %s", unit_time(all.none_above_s, number));
}

/* --- The picture ------------------------------------------------------------------------------ */

static void add_paid(const struct study_cost *cost, struct text *text)
{
    char visits[UNIT_TEXT];

    text_printf(text, ", paid in %zu of %s", cost->paid,
                unit_count(cost->paid + cost->not_paid, "visit", NULL, visits));
}

static void add_words(const struct model_finding *finding, struct text *text)
{
    const struct study_cost *cost = &finding->model->cost;
    char one[UNIT_TEXT], range[UNIT_TEXT];

    switch (finding->verdict) {
    case SWITCH_DETECTED:
        text_add_string(text, unit_time(cost->cost_s, one));
        if (isfinite(cost->cost_low_s) && isfinite(cost->cost_high_s))
            text_printf(text, " (%s)", unit_time_range(cost->cost_low_s, cost->cost_high_s, range));
        add_paid(cost, text);
        break;
    case SWITCH_NOT_DETECTED:
        text_printf(text, "none above %s", unit_time(finding->none_above_s, one));
        break;
    case SWITCH_INCONCLUSIVE:
        text_printf(text, "not settled; a switch under %s may be missed",
                    unit_time(finding->smallest_s, one));
        break;
    case SWITCH_NOT_MEASURABLE:
        text_printf(text, "not measurable: %s", switch_reason_words[finding->reason]);
        break;
    }
}

static void add_bars(const struct study *study, struct headline *headline)
{
    struct text words = {0};

    headline->bar_title = "What a switch to each model costs";
    headline->bar_axis = "Switching cost";
    headline->bar_unit = "s";
    headline->bar_note = "Bar: mean of the visits that paid. Line: its 95 % interval.";
    for (size_t i = 0; i < study->models; i++) {
        struct model_finding finding = find_of(study, &study->model[i]);
        struct headline_bar *bar;

        if (headline->bars == HEADLINE_BARS_MOST) {
            headline->bars_left_out++;
            continue;
        }
        text_reset(&words);
        add_words(&finding, &words);
        bar = headline_add_bar(headline, finding.model->name, words.bytes);
        bar->model = finding.model->name;
        if (finding.verdict != SWITCH_DETECTED)
            continue;
        bar->value = finding.model->cost.cost_s;
        bar->low = finding.model->cost.cost_low_s;
        bar->high = finding.model->cost.cost_high_s;
    }
    text_clear(&words);
}

/* --- What stays, how fast it loads, what a mix pays ------------------------------------------- */

/* "the node keeps 891 GB"; nothing where it is not known. */
static void add_memory(const struct study_residency *residency, struct text *text)
{
    const char *units = residency->by_configuration ? "configurations" : "rows";
    char number[UNIT_TEXT];

    if (residency->rule == RESIDENCY_IDLE_EXPIRY)
        text_printf(
            text, "what is idle for %s leaves",
            unit_time(residency->expiry_low_s > 0 ? residency->expiry_s : residency->expiry_high_s,
                      number));
    else if (residency->rule != RESIDENCY_LRU && residency->rule != RESIDENCY_FIFO)
        return;
    else if (residency->by_weight && isinf(residency->gb_high))
        text_printf(text, "the node keeps all models, %s GB",
                    unit_number(residency->gb_low, number));
    else if (residency->by_weight)
        text_printf(text, "the node keeps %s GB", unit_number(residency->gb_low, number));
    else if (residency->capacity == residency->units)
        text_printf(text, "the node keeps all %zu %s", residency->units, units);
    else
        text_printf(text, "the node keeps %zu of %zu %s", residency->capacity, residency->units,
                    units);
}

static bool is_known(const struct study_residency *residency)
{
    return residency->revisits > 0 &&
           (residency->units > 1 || residency->rule == RESIDENCY_IDLE_EXPIRY);
}

static void tile_residency(const struct study_residency *residency, struct headline *headline)
{
    size_t wrong = residency->by_weight ? residency->gb_wrong : residency->wrong;
    struct text text = {0};
    char revisits[UNIT_TEXT];

    if (!is_known(residency))
        return;
    add_memory(residency, &text);
    if (text.length > 0) {
        text_printf(&text, "; %zu of %s unexplained", wrong,
                    unit_count(residency->revisits, "revisit", NULL, revisits));
    } else if (residency->rule == RESIDENCY_NONE_FITS) {
        text_add_string(&text, "No rule that is known here tells which models stay");
    } else {
        text_add_string(&text, "Which models stay is not known: no revisit shows it");
    }
    headline_add_tile(headline, "Residency", HEADLINE_RESIDENCY,
                      wrong > 0 || residency->rule == RESIDENCY_NONE_FITS ? HEADLINE_NOTE
                                                                          : HEADLINE_NEUTRAL,
                      &text);
}

static void tile_loading(const struct study *study, struct headline *headline)
{
    const struct study_loading *loading = &study->loading;
    struct text text = {0};
    char range[UNIT_TEXT], speed[UNIT_TEXT], overhead[UNIT_TEXT];

    if (loading->rows == 0)
        return;
    text_printf(&text, "Weights load at %s GB/s (%s), after %s of overhead",
                unit_number(loading->gb_per_s, speed),
                unit_range(loading->gb_per_s_low, loading->gb_per_s_high, "", range),
                unit_time_within(loading->overhead_s, loading->overhead_error_s, overhead));
    headline_add_tile(headline, "Loading speed", HEADLINE_LOADING, HEADLINE_NEUTRAL, &text);
}

static void tile_mix(const struct study_call_mix *mix, struct headline *headline)
{
    struct text text = {0};

    if (!call_mix_words_known(mix))
        return;
    call_mix_words_add_tile(mix, &text);
    headline_add_tile(headline, "Call mix", HEADLINE_MIX,
                      call_mix_words_time_share(mix) > 0.1 ? HEADLINE_NOTE : HEADLINE_GOOD, &text);
}

void headline_study_tiles(const struct report *report, struct headline *headline)
{
    tile_residency(&report->study->residency, headline);
    tile_loading(report->study, headline);
    tile_mix(&report->study->call_mix, headline);
}

/* --- The sentence ----------------------------------------------------------------------------- */

void headline_study(const struct report *report, struct headline *headline)
{
    const struct study *study = report->study;
    struct headline_counts counts = headline_count(report);
    struct text text = {0};

    headline_add_cost(study, &text);
    if (call_mix_words_known(&study->call_mix)) {
        text_add_string(&text, "; ");
        call_mix_words_add_part(&study->call_mix, &text);
    }
    if (is_known(&study->residency) && study->residency.rule != RESIDENCY_NOT_KNOWN &&
        study->residency.rule != RESIDENCY_NONE_FITS) {
        text_add_string(&text, "; ");
        add_memory(&study->residency, &text);
    }
    if (counts.failed > 0) {
        text_add_string(&text, "; ");
        headline_add_failures(report, NULL, &text);
    }
    headline->tone = counts.failed > 0 ? HEADLINE_NOTE : HEADLINE_NEUTRAL;
    headline->sentence = text_take(&text);
    headline->look = memory_text("Look at what a switch to each model costs, and from which");
    add_bars(study, headline);
}
