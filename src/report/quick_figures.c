#include "report/quick_figures.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "core/unit.h"
#include "report/failure_words.h"
#include "report/short_name.h"
#include "report/terminal/terminal.h"
#include "report/terminal/width.h"
#include "stats/family.h"

enum { NAME_MOST = 40, CELL = 256, MEDIAN = 50 };

/* Of what a visit is told by, in the order of columns. */
static const struct {
    enum metric metric;
    const char *key, *heading;
    bool time;
} figures[] = {
    {METRIC_CLIENT_TTFT_S, "ttft_s", "TTFT p50", true},
    {METRIC_CLIENT_TIME_PER_OUTPUT_TOKEN_S, "inter_token_s", "per token", true},
    {METRIC_CLIENT_OUTPUT_TOKEN_PER_S, "output_tokens_per_s", "tokens/s", false},
    {METRIC_NUMBER_INPUT_TOKENS, "input_tokens", "in", false},
    {METRIC_NUMBER_OUTPUT_TOKENS, "output_tokens", "out", false},
};

enum { FIGURES = sizeof figures / sizeof *figures, COLUMNS = FIGURES + 4 };

static double median_of(const struct metric_summary *summary)
{
    for (int i = 0; i < METRIC_QUANTILES && summary->count > 0; i++) {
        if (metric_percent[i] == MEDIAN)
            return summary->quantile[i];
    }
    return NAN;
}

/* NAN where nothing tells it from the others. */
static double first_ttft_s(const struct step *step)
{
    const struct switch_side *client = &step->measurement.side[SWITCH_CLIENT];

    return client->steady > 0 ? client->exposed_s : NAN;
}

/* --- For people ------------------------------------------------------------------------------- */

struct line {
    char cell[COLUMNS][CELL];
};

static void add_finish(const struct step *step, char text[CELL])
{
    struct text reasons = {0};

    for (size_t i = 0; i < step->finish.kinds; i++)
        text_printf(&reasons, "%s%s %zu", i > 0 ? ", " : "", step->finish.reason[i].reason,
                    step->finish.reason[i].count);
    text_copy_printable(reasons.bytes ? reasons.bytes : "–", reasons.bytes ? reasons.length : 3,
                        text, CELL);
    text_clear(&reasons);
}

static void write_line(const struct step *step, struct line *line)
{
    char unit[UNIT_TEXT];

    short_name(step->row.model_name, NAME_MOST, line->cell[0], CELL);
    snprintf(line->cell[1], CELL, "%zu of %zu", step->completed, step->started);
    snprintf(line->cell[2], CELL, "%s", unit_time(first_ttft_s(step), unit));
    for (int i = 0; i < FIGURES; i++) {
        double value = median_of(&step->metric[figures[i].metric]);

        if (value == floor(value) && !figures[i].time)
            snprintf(line->cell[3 + i], CELL, "%.0f", value);
        else
            snprintf(line->cell[3 + i], CELL, "%s",
                     figures[i].time ? unit_time(value, unit) : unit_number(value, unit));
    }
    add_finish(step, line->cell[COLUMNS - 1]);
}

static void print_lines(FILE *out, const struct line *line, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        for (int k = 0; k < COLUMNS; k++) {
            int width = 0, left;

            for (size_t other = 0; other < count; other++) {
                int wide = width_of(line[other].cell[k]);

                width = wide > width ? wide : width;
            }
            left = k < COLUMNS - 1 ? width - width_of(line[i].cell[k]) : 0;
            if (k == 0 || k == COLUMNS - 1)
                fprintf(out, "  %s%*s", line[i].cell[k], left, "");
            else
                fprintf(out, "  %*s%s", left, "", line[i].cell[k]);
        }
        fputc('\n', out);
    }
}

static void print_visits(FILE *out, const struct results *results)
{
    struct line *line = memory_new(results->count + 1, sizeof *line);
    static const char *const headings[] = {"model", "requests", "first TTFT"};

    for (int k = 0; k < 3; k++)
        snprintf(line->cell[k], CELL, "%s", headings[k]);
    for (int k = 0; k < FIGURES; k++)
        snprintf(line->cell[3 + k], CELL, "%s", figures[k].heading);
    snprintf(line->cell[COLUMNS - 1], CELL, "finished by");
    for (size_t i = 0; i < results->count; i++)
        write_line(&results->step[i], &line[1 + i]);
    print_lines(out, line, results->count + 1);
    free(line);
}

static const char *found(const struct results *results, const char *key)
{
    const char *value = manifest_find(&results->manifest, key);

    return value ? value : "";
}

/* How many of the model's requests failed so, in all its visits from the step on; 0 where an
 * earlier one has them too, which then stands for all. */
static size_t failed_so(const struct results *results, size_t index, const char *code,
                        size_t *started)
{
    const char *model = results->step[index].row.model_name;
    size_t failed = 0;

    *started = 0;
    for (size_t i = 0; i < results->count; i++) {
        const struct step *step = &results->step[i];

        if (strcmp(step->row.model_name, model) != 0)
            continue;
        *started += step->started;
        for (size_t k = 0; k < step->error_kinds; k++) {
            if (strcmp(step->error[k].code, code) != 0)
                continue;
            if (i < index)
                return 0;
            failed += step->error[k].count;
        }
    }
    return failed;
}

static void print_failure(FILE *out, const struct results *results, size_t index, const char *code,
                          const char *example)
{
    const struct failure_facts facts = {.address = found(results, "endpoint.address"),
                                        .key_source = found(results, "endpoint.key_source"),
                                        .example = example};
    size_t started, failed = failed_so(results, index, code, &started);
    struct text why = {0};
    char name[CELL];

    if (failed == 0)
        return;
    short_name(results->step[index].row.model_name, NAME_MOST, name, sizeof name);
    failure_words_add(code, &facts, &why);
    terminal_say(out, "%s: %zu of %zu failed: %s", name, failed, started, why.bytes);
    text_clear(&why);
}

static void print_failures(FILE *out, const struct results *results, const struct detail *detail)
{
    for (size_t i = 0; i < results->count; i++) {
        for (size_t k = 0; k < results->step[i].error_kinds; k++)
            print_failure(out, results, i, results->step[i].error[k].code,
                          detail->step[i].example ? detail->step[i].example[k] : "");
    }
}

/* A model that stays in memory is loaded on its first visit alone. */
static void write_switch(const struct study_group *group, char text[CELL])
{
    const struct switch_estimate *estimate = &group->estimate;
    const struct study_cost *cost = &group->cost;
    char unit[UNIT_TEXT];

    if (cost->paid > 0 && isfinite(cost->cost_s))
        snprintf(text, CELL, "%s, paid on %zu of %zu visit%s",
                 unit_time_within(cost->cost_s, (cost->cost_high_s - cost->cost_low_s) / 2, unit),
                 cost->paid, cost->visits, cost->visits == 1 ? "" : "s");
    else if (estimate->verdict == SWITCH_NOT_DETECTED)
        snprintf(text, CELL, "none above %s", unit_time(family_none_above_s(estimate), unit));
    else if (estimate->verdict == SWITCH_INCONCLUSIVE)
        snprintf(text, CELL, "not clear: of less than %s, these requests tell nothing",
                 unit_time(estimate->smallest_s, unit));
    else
        snprintf(text, CELL, "not measurable: %s", switch_reason_words[estimate->reason]);
}

static void print_switches(FILE *out, const struct study *study)
{
    bool any = false;

    for (size_t i = 0; i < study->transitions; i++) {
        const struct study_group *group = &study->transition[i];
        char from[CELL], to[CELL], cost[CELL];

        if (!group->from)
            continue;
        if (!any)
            fputs("\nA switch costs:\n", out);
        any = true;
        short_name(group->from->model_name, NAME_MOST, from, sizeof from);
        short_name(group->to->model_name, NAME_MOST, to, sizeof to);
        write_switch(group, cost);
        fprintf(out, "  %s → %s: %s\n", from, to, cost);
    }
}

void quick_figures_print(FILE *out, const struct runs *runs, const struct detail *detail)
{
    fprintf(out, "%s\n\n", found(runs->results, "endpoint.address"));
    print_visits(out, runs->results);
    print_failures(out, runs->results, detail);
    print_switches(out, &runs->study);
}

/* --- For programs ----------------------------------------------------------------------------- */

static void add_number(struct text *json, const char *key, double number)
{
    text_printf(json, ",\"%s\":", key);
    text_add_number(json, number);
}

static void add_figure(struct text *json, const char *key, const struct metric_summary *summary)
{
    bool known = summary->count > 0;

    text_printf(json, ",\"%s\":{\"p50\":", key);
    text_add_number(json, median_of(summary));
    add_number(json, "min", known ? summary->least : NAN);
    add_number(json, "max", known ? summary->most : NAN);
    text_add_char(json, '}');
}

static void add_counts(struct text *json, const struct step_detail *detail)
{
    const struct step *step = detail->step;

    text_add_string(json, ",\"finish_reasons\":{");
    for (size_t i = 0; i < step->finish.kinds; i++) {
        text_add_string(json, i > 0 ? "," : "");
        text_add_json(json, step->finish.reason[i].reason);
        text_printf(json, ":%zu", step->finish.reason[i].count);
    }
    text_add_string(json, "},\"failures\":[");
    for (size_t i = 0; i < step->error_kinds; i++) {
        text_add_string(json, i > 0 ? ",{\"code\":" : "{\"code\":");
        text_add_json(json, step->error[i].code);
        text_printf(json, ",\"count\":%zu,\"example\":", step->error[i].count);
        text_add_json(json, detail->example ? detail->example[i] : "");
        text_add_char(json, '}');
    }
    text_add_char(json, ']');
}

static void add_visit(struct text *json, const struct step_detail *detail)
{
    const struct step *step = detail->step;

    text_add_string(json, "{\"model\":");
    text_add_json(json, step->row.model_name);
    text_printf(json, ",\"started\":%zu,\"completed\":%zu", step->started, step->completed);
    add_number(json, "first_ttft_s", first_ttft_s(step));
    for (int i = 0; i < FIGURES; i++)
        add_figure(json, figures[i].key, &step->metric[figures[i].metric]);
    add_counts(json, detail);
    text_add_char(json, '}');
}

static void add_switch(struct text *json, const struct study_group *group)
{
    const struct switch_estimate *estimate = &group->estimate;
    bool measured = estimate->verdict != SWITCH_NOT_MEASURABLE;

    text_add_string(json, "{\"from\":");
    text_add_json(json, group->from->model_name);
    text_add_string(json, ",\"to\":");
    text_add_json(json, group->to->model_name);
    text_add_string(json, ",\"verdict\":");
    text_add_json(json, switch_verdict_words[estimate->verdict]);
    text_printf(json, ",\"visits\":%zu,\"paid\":%zu", group->cost.visits, group->cost.paid);
    add_number(json, "switch_s", group->cost.cost_s);
    add_number(json, "switch_s_low", group->cost.cost_low_s);
    add_number(json, "switch_s_high", group->cost.cost_high_s);
    if (!measured) {
        text_add_string(json, ",\"reason\":");
        text_add_json(json, switch_reason_words[estimate->reason]);
    }
    text_add_char(json, '}');
}

void quick_figures_add_json(const struct runs *runs, const struct detail *detail, struct text *json)
{
    const struct study *study = &runs->study;
    const char *comma = "";

    text_add_string(json, "{\"endpoint\":");
    text_add_json(json, found(runs->results, "endpoint.address"));
    text_add_string(json, ",\"visits\":[");
    for (size_t i = 0; i < detail->steps; i++) {
        text_add_string(json, i > 0 ? "," : "");
        add_visit(json, &detail->step[i]);
    }
    text_add_string(json, "],\"switches\":[");
    for (size_t i = 0; i < study->transitions; i++) {
        if (!study->transition[i].from)
            continue;
        text_add_string(json, comma);
        add_switch(json, &study->transition[i]);
        comma = ",";
    }
    text_add_string(json, "]}\n");
}
