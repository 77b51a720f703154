#include "report/study_table.h"

#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "core/text.h"
#include "report/terminal.h"
#include "stats/mix.h"
#include "stats/replicate.h"

/* NAME_*: a row's name; BESIDE: what stands beside it. */
enum { NAME_MOST = 56, NAME_LEAST = 20, BESIDE = 50, LINE = 512, NAMED = 3 };

/* What each flag means, in the order of enum switch_flag; NULL: not for here. */
static const char *const flag_sentences[SWITCH_FLAGS] = {
    "the client's TTFT at a concurrency holds queueing; a probe would tell more",
    NULL, /* connecting is not part of any TTFT */
    "exposed and steady prompts differ in length, so their prefills do",
    "the first wave ran in batches of several sizes",
    "server and client differ by more than 20 ms and 20 %",
    NULL, /* told with its time */
    "the step before was cut short, and the server may still have been busy",
    NULL, /* so is each run's first step */
    "rows vary unlike each other, so each is judged by its own spread",
    "the documented 3-sd rule says otherwise",
    "exposed requests besides the first failed",
    "a few visits stood out, the others not: switches or stalls; more passes tell",
    "what was paid differs between visits by more than their spread",
};

/* "model 1000→128 c=16", the model's name cut where it must be. */
static void describe(const struct row *row, int width, char *text, size_t size)
{
    char tokens[64], load[48], model[256];
    int left;

    if (!row) {
        snprintf(text, size, "?");
        return;
    }
    terminal_tokens(row, tokens, sizeof tokens);
    terminal_load(row, load, sizeof load);
    left = width - terminal_width(tokens) - terminal_width(load) - 2;
    terminal_fit(row->model_name, left < 5 ? 5 : left, model, sizeof model);
    snprintf(text, size, "%s %s %s", model, tokens, load);
}

static void put(FILE *out, const char *text, int width)
{
    int left = width - terminal_width(text);

    fprintf(out, "  %s%*s", text, left > 0 ? left : 0, "");
}

static void write_verdict(const struct switch_estimate *estimate, char *text, size_t size)
{
    switch (estimate->verdict) {
    case SWITCH_NOT_DETECTED:
        snprintf(text, size, "none above %.4f s", fmax(estimate->high_s, 0));
        break;
    case SWITCH_INCONCLUSIVE:
        if (!(estimate->flags & SWITCH_FLAG_FEW) && estimate->p <= REPLICATE_LEVEL)
            snprintf(text, size, "inconclusive: one of many");
        else if (estimate->flags & SWITCH_FLAG_FEW)
            snprintf(text, size, "inconclusive: %zu of %zu stood out", estimate->switched,
                     estimate->measured);
        else
            snprintf(text, size, "inconclusive below %.4f s", estimate->smallest_s);
        break;
    case SWITCH_DETECTED:
    case SWITCH_NOT_MEASURABLE:
        snprintf(text, size, "%s", switch_verdict_words[estimate->verdict]);
        break;
    }
}

/* --- A table ---------------------------------------------------------------------------------- */

struct table {
    FILE *out;
    const struct study *study;
    const struct study_group *group;
    size_t count;
    bool transitions; /* from row to row, by their numbers; else to each row, by its name */
    bool after;       /* each row was visited from one other, which stands beside it */
    int width;        /* of what names a group */
};

static bool measurable(const struct study_group *group)
{
    return group->estimate.verdict != SWITCH_NOT_MEASURABLE;
}

/* A row's number in the table of rows; one that is not in it was a warm-up. */
static void write_number(const struct table *table, const struct row *row, char *text, size_t size)
{
    size_t number = 0;

    while (row && number < table->study->rows &&
           row_compare(table->study->row[number].to, row) != 0)
        number++;
    if (!row)
        snprintf(text, size, "?");
    else if (number == table->study->rows)
        snprintf(text, size, "warm-up");
    else
        snprintf(text, size, "%zu", number + 1);
}

/* What stands in front of a group's figures: "  1  after  name", or "1 → 2". */
static void write_name(const struct table *table, size_t i, int most, char *text, size_t size)
{
    const struct study_group *group = &table->group[i];
    char to[32], from[32], name[256];

    write_number(table, group->to, to, sizeof to);
    write_number(table, table->after ? table->study->transition[i].from : group->from, from,
                 sizeof from);
    describe(group->to, most, name, sizeof name);
    if (table->transitions)
        snprintf(text, size, "%3s → %s", from, to);
    else if (table->after)
        snprintf(text, size, "%3s  %5s  %s", to, from, name);
    else
        snprintf(text, size, "%3s  %s", to, name);
}

static const char *heading(const struct table *table)
{
    if (table->transitions)
        return "from → to";
    return table->after ? "  #  after  to" : "  #  to";
}

/* How wide a name may be where the terminal has this many columns, 0: none. */
static int name_most(const struct table *table, int columns)
{
    int most = columns - BESIDE - (table->after ? 14 : 7);

    if (columns == 0)
        return NAME_MOST;
    return most < NAME_LEAST ? NAME_LEAST : most;
}

static void lay_out(struct table *table)
{
    int most = name_most(table, terminal_columns(table->out));
    char text[LINE];

    table->width = terminal_width(heading(table));
    for (size_t i = 0; i < table->count; i++) {
        write_name(table, i, most, text, sizeof text);
        table->width = terminal_width(text) > table->width ? terminal_width(text) : table->width;
    }
}

static void print_row(const struct table *table, const struct study_group *group)
{
    const struct switch_estimate *estimate = &group->estimate;
    char verdict[80];

    write_verdict(estimate, verdict, sizeof verdict);
    fprintf(table->out, "  %6zu %4zu  %8.4f ± %7.4f  %s\n", estimate->measured, estimate->switched,
            estimate->value_s, (estimate->high_s - estimate->low_s) / 2, verdict);
}

static void print_transition(const struct table *table, const struct study_group *group)
{
    const struct study_cost *cost = &group->cost;

    fprintf(table->out, "  %6zu %4zu  ", cost->visits, cost->paid);
    if (cost->paid > 0)
        fprintf(table->out, "%8.4f ± %7.4f", cost->cost_s,
                (cost->cost_high_s - cost->cost_low_s) / 2);
    else
        fprintf(table->out, "%10s %9s", "–", "");
    fprintf(table->out, "  %.2f (%.2f to %.2f)\n", cost->share, cost->share_low, cost->share_high);
}

static void print_lines(const struct table *table)
{
    int most = name_most(table, terminal_columns(table->out));
    char text[LINE];
    bool any = false;

    for (size_t i = 0; i < table->count; i++) {
        if (!measurable(&table->group[i]))
            continue;
        if (!any) {
            put(table->out, heading(table), table->width);
            fprintf(table->out, "  visits paid        switch, s  %s\n",
                    table->transitions ? "share that paid (95 %)" : "verdict");
        }
        any = true;
        write_name(table, i, most, text, sizeof text);
        put(table->out, text, table->width);
        if (table->transitions)
            print_transition(table, &table->group[i]);
        else
            print_row(table, &table->group[i]);
    }
}

static void say(FILE *out, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void say(FILE *out, const char *format, ...)
{
    va_list arguments;
    char *sentence;

    va_start(arguments, format);
    sentence = memory_vprintf(format, arguments);
    va_end(arguments);
    terminal_sentence(out, sentence);
    free(sentence);
}

/* Says `sentence` of the groups that `belongs` picks, where there are any. */
static void say_of_groups(const struct table *table, const char *before, const char *sentence,
                          bool (*belongs)(const struct study_group *group, int which), int which)
{
    struct text names = {0};
    char text[LINE];
    size_t count = 0;

    for (size_t i = 0; i < table->count; i++) {
        if (!belongs(&table->group[i], which) || count++ >= NAMED)
            continue;
        describe(table->group[i].to, NAME_MOST, text, sizeof text);
        text_printf(&names, "%s%s", count > 1 ? ", " : "", text);
    }
    if (count > NAMED && count == table->count)
        say(table->out, "%s%s: all of them", before, sentence);
    else if (count > NAMED)
        say(table->out, "%s%s: %s and %zu more", before, sentence, names.bytes, count - NAMED);
    else if (count > 0)
        say(table->out, "%s%s: %s", before, sentence, names.bytes);
    text_clear(&names);
}

static bool has_reason(const struct study_group *group, int reason)
{
    return !measurable(group) && (int)group->estimate.reason == reason;
}

static bool has_flag(const struct study_group *group, int flag)
{
    return measurable(group) && (group->estimate.flags & flag);
}

static void print_remarks(const struct table *table)
{
    for (int reason = SWITCH_MEASURABLE + 1; reason < SWITCH_REASONS; reason++)
        say_of_groups(table, "not measurable, ", switch_reason_words[reason], has_reason, reason);
    for (int i = 0; i < SWITCH_FLAGS; i++) {
        if (flag_sentences[i])
            say_of_groups(table, "", flag_sentences[i], has_flag, 1 << i);
    }
}

/* By whose clock, and how much that varies. */
static void print_scale(const struct table *table)
{
    double least = INFINITY, most = 0, df = NAN;
    bool clock[SWITCH_SOURCES] = {false};
    char spread[96];

    for (size_t i = 0; i < table->count; i++) {
        const struct switch_estimate *estimate = &table->group[i].estimate;

        if (!measurable(&table->group[i]))
            continue;
        least = fmin(least, 100 * estimate->spread);
        most = fmax(most, 100 * estimate->spread);
        df = estimate->df;
        clock[estimate->source] = true;
    }
    if (isinf(least))
        return;
    if (most - least > 0.05)
        snprintf(spread, sizeof spread, "%.1f to %.1f %% without a switch, row by row", least,
                 most);
    else
        snprintf(spread, sizeof spread, "%.1f %% without a switch (%.0f degrees of freedom)", least,
                 df);
    say(table->out, "By %s TTFT, which varies by %s; ± is 95 %%.",
        clock[SWITCH_SERVER] && clock[SWITCH_CLIENT]
            ? "the server's or, where it has none, the client's"
        : clock[SWITCH_SERVER] ? "the server's"
                               : "the client's",
        spread);
}

/* Two batch sizes of one expert are two things to load. */
static void print_insides(FILE *out, const struct study *study)
{
    char text[LINE];

    for (size_t i = 0; i < study->insides; i++) {
        const struct study_inside *inside = &study->inside[i];

        if (inside->found == 0)
            continue;
        describe(inside->row, NAME_MOST, text, sizeof text);
        say(out,
            "a further switch inside %s: the first batch of %g took %.4f s longer in %zu of "
            "%zu visits",
            text, inside->batch_size, inside->value_s, inside->found, inside->visits);
    }
}

/* Rows whose switch costs another time after another row. */
static void print_orders(FILE *out, const struct study *study)
{
    char text[LINE];

    for (size_t i = 0; i < study->rows; i++) {
        if (!(study->row[i].order_p * (double)study->rows <= REPLICATE_LEVEL))
            continue;
        describe(study->row[i].to, NAME_MOST, text, sizeof text);
        say(out, "what %s costs depends on the row before (p = %.2g)", text,
            study->row[i].order_p * (double)study->rows);
    }
}

/* Beside what the bundle file says of the node. */
static void print_loading(FILE *out, const struct study *study)
{
    const struct study_loading *loading = &study->loading;
    double stated = study->visits > 0 ? study->visit[0].step->node_gb_per_s : NAN;

    if (loading->rows == 0)
        return;
    if (isfinite(stated))
        say(out,
            "loading weights: %.1f ± %.1f ms, and %.0f GB/s (95 %%: %.0f to %.0f) by %zu rows of "
            "known "
            "weight; the bundle file says %.0f GB/s",
            1000 * loading->overhead_s, 1000 * loading->overhead_error_s, loading->gb_per_s,
            loading->gb_per_s_low, loading->gb_per_s_high, loading->rows, stated);
    else
        say(out,
            "loading weights: %.1f ± %.1f ms, and %.0f GB/s (95 %%: %.0f to %.0f) by %zu rows of "
            "known "
            "weight",
            1000 * loading->overhead_s, 1000 * loading->overhead_error_s, loading->gb_per_s,
            loading->gb_per_s_low, loading->gb_per_s_high, loading->rows);
}

/* Where weights are known and tell at least as many revisits as counting rows does. */
static void print_residency_gb(FILE *out, const struct study_residency *residency)
{
    if (isinf(residency->gb_high))
        say(out, "residency: all stay, at least %.0f GB (%zu of %zu revisits unexplained)",
            residency->gb_low, residency->gb_wrong, residency->revisits);
    else
        say(out,
            "residency: %.0f GB stay, %.0f GB do not; what was used longest ago leaves first (%zu "
            "of "
            "%zu revisits unexplained)",
            residency->gb_low, residency->gb_high, residency->gb_wrong, residency->revisits);
}

static void print_residency_rows(FILE *out, const struct study *study)
{
    const struct study_residency *residency = &study->residency;

    if (residency->capacity == study->rows)
        say(out, "residency: all %zu rows stay (%.0f %% sure)", study->rows,
            100 * residency->probability);
    else
        say(out,
            "residency: %zu of %zu rows stay (%.0f %% sure; 95 %%: %zu to %zu); what was %s "
            "longest ago "
            "leaves first (%.0f %% sure); %zu of %zu revisits unexplained",
            residency->capacity, study->rows, 100 * residency->probability, residency->capacity_low,
            residency->capacity_high, residency->lru_probability >= 0.5 ? "used" : "loaded",
            100 * fmax(residency->lru_probability, 1 - residency->lru_probability),
            residency->wrong, residency->revisits);
}

static void print_residency(FILE *out, const struct study *study)
{
    const struct study_residency *residency = &study->residency;
    struct text distances = {0};

    if (residency->revisits == 0 || study->rows < 2)
        return;
    for (size_t d = 0; d < residency->distances; d++) {
        if (residency->visits[d] > 0)
            text_printf(&distances, "%s%zu: %zu/%zu", distances.length > 0 ? ", " : "", d,
                        residency->paid[d], residency->visits[d]);
    }
    say(out, "paid of revisits, by how many other rows ran since: %s", distances.bytes);
    text_clear(&distances);
    if (isfinite(residency->gb_low) && residency->gb_wrong <= residency->wrong)
        print_residency_gb(out, residency);
    else
        print_residency_rows(out, study);
}

static void print_mix(FILE *out, const struct study *study)
{
    const struct study_mix *mix = &study->mix;

    if (mix->calls == 0)
        return;
    say(out,
        "call_mix: %.0f %% of the calls pay for a switch, %.4f s a call on average beside %.4f s "
        "of "
        "service: %.1f %% of the time. Under 10 %% with %.0f calls to a model in a row, under 1 %% "
        "with "
        "%.0f",
        100 * mix->paid_share, mix->extra_s, mix->service_s, 100 * mix->time_share,
        mix_calls_in_a_row(mix, 0.1), mix_calls_in_a_row(mix, 0.01));
}

/* --- The matrix ------------------------------------------------------------------------------- */

enum { CELL = 6, MATRIX_MOST = 24 };

static const struct study_cost *find_cell(const struct study *study, size_t from, size_t to)
{
    for (size_t i = 0; i < study->transitions; i++) {
        const struct study_group *one = &study->transition[i];

        if (one->from && row_compare(one->from, study->row[from].to) == 0 &&
            row_compare(one->to, study->row[to].to) == 0)
            return &one->cost;
    }
    return NULL;
}

/* How many of the visits paid: "2/3". */
static void print_matrix(FILE *out, const struct study *study)
{
    int columns = terminal_columns(out);
    char text[32];

    if (study->rows > MATRIX_MOST || (columns > 0 && 12 + CELL * (int)study->rows > columns))
        return;
    fprintf(out, "\npaid of visits:\n  from \\ to");
    for (size_t to = 0; to < study->rows; to++)
        fprintf(out, "%*zu", CELL, to + 1);
    for (size_t from = 0; from < study->rows; from++) {
        fprintf(out, "\n  %9zu", from + 1);
        for (size_t to = 0; to < study->rows; to++) {
            const struct study_cost *cost = find_cell(study, from, to);

            if (cost && cost->visits > 0)
                snprintf(text, sizeof text, "%zu/%zu", cost->paid, cost->visits);
            else
                snprintf(text, sizeof text, ".");
            fprintf(out, "%*s", CELL, text);
        }
    }
    fputc('\n', out);
}

/* --- Tables ----------------------------------------------------------------------------------- */

static void print_table(struct table *table)
{
    if (table->count == 0)
        return;
    lay_out(table);
    fprintf(table->out, "\nswitching %s:\n",
            table->transitions ? "from row to row" : "to each row");
    print_lines(table);
    if (table->transitions) /* the table of rows has said the rest */
        return;
    print_scale(table);
    print_remarks(table);
}

void study_table_rows(FILE *out, const struct study *study)
{
    struct table table = {.out = out,
                          .study = study,
                          .group = study->row,
                          .count = study->rows,
                          .after = study->transitions == study->rows};

    print_table(&table);
    print_insides(out, study);
    print_orders(out, study);
    print_loading(out, study);
    print_residency(out, study);
    print_mix(out, study);
}

void study_table_transitions(FILE *out, const struct study *study)
{
    struct table table = {.out = out,
                          .study = study,
                          .group = study->transition,
                          .count = study->transitions,
                          .transitions = true};

    if (study->transitions == study->rows)
        return;
    print_matrix(out, study);
    print_table(&table);
}
