#include "report/study_words.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/text.h"
#include "core/unit.h"
#include "report/call_mix_words.h"
#include "report/state_words.h"
#include "report/study_scatter.h"
#include "report/terminal/terminal.h"
#include "report/terminal/width.h"
#include "stats/replicate.h"

/* NAME: columns of a row's name; NAMED: how many are named. */
enum { NAME = 56, NAME_LEAST = 5, LINE = 512, NAMED = 3 };

void study_words_row(const struct row *row, int width, char *text, size_t size)
{
    int model = width_of(row->model_name), over;

    terminal_row(row, model, text, size);
    over = width_of(text) - width;
    if (over > 0)
        terminal_row(row, model - over < NAME_LEAST ? NAME_LEAST : model - over, text, size);
}

/* --- Rows ------------------------------------------------------------------------------------- */

/* What each flag means, in the order of enum switch_flag; NULL: not for here. */
static const char *const flag_sentences[SWITCH_FLAGS] = {
    "the client's TTFT at a concurrency holds queueing; a probe would show more",
    NULL, /* connecting is not part of any TTFT */
    "exposed and steady prompts differ in length, so their prefills do",
    "the first wave ran in batches of several sizes",
    "server and client differ by more than 20 ms and 20 %",
    NULL, /* shown with its time */
    "the step before was cut short, and the server may still have been busy",
    NULL, /* so is each run's first step */
    "rows vary unlike each other, so each is judged by its own spread",
    NULL, /* the documented rule stays in the files */
    "exposed requests besides the first failed",
    "a few visits stood out, the others not: switches or stalls; more passes show which",
    "what was paid differs between visits by more than their spread",
    NULL, /* shown with their number */
    "one visit that paid: how much the cost varies is not known",
    "likely overstated: under twice the smallest detectable",
    "judged by the TTFT of content, without reasoning",
    NULL, /* shown with its number */
    "exposed and steady prompts differ in length: that was taken out",
    "judged by another batch size than the row's own, which ran but once or shows none",
    "exposed requests came sooner than steady ones, and it is not known why",
    "before_step failed, so what was loaded before is not as asked",
};

static bool measured(const struct study_group *group)
{
    return group->estimate.verdict != SWITCH_NOT_MEASURABLE;
}

/* By whose clock, and how much that varies. */
static void print_scale(FILE *out, const struct study *study)
{
    double least = INFINITY, most = 0, df = NAN;
    bool clock[SWITCH_SOURCES] = {false};
    char spread[96];

    for (size_t i = 0; i < study->rows; i++) {
        const struct switch_estimate *estimate = &study->row[i].estimate;

        if (!measured(&study->row[i]))
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
        snprintf(spread, sizeof spread, "%.1f %% without a switch (%.0f degree%s of freedom)",
                 least, df, fabs(df - 1) < 0.5 ? "" : "s");
    terminal_say(out, "By %s TTFT, which varies by %s; ± is %.3g %%.",
                 clock[SWITCH_SERVER] && clock[SWITCH_CLIENT]
                     ? "the server's or, where it has none, the client's"
                 : clock[SWITCH_SERVER] ? "the server's"
                                        : "the client's",
                 spread, 100 * study_confidence(study));
}

/* Says `sentence` of the rows that `belongs` picks, where there are any. */
static void say_of_rows(FILE *out, const struct study *study, const char *before,
                        const char *sentence,
                        bool (*belongs)(const struct study_group *group, int which), int which)
{
    struct text names = {0};
    char text[LINE];
    size_t count = 0;

    for (size_t i = 0; i < study->rows; i++) {
        if (!belongs(&study->row[i], which) || count++ >= NAMED)
            continue;
        study_words_row(study->row[i].to, NAME, text, sizeof text);
        text_printf(&names, "%s%s", count > 1 ? ", " : "", text);
    }
    if (count > NAMED && count == study->rows)
        terminal_say(out, "%s%s: all of them", before, sentence);
    else if (count > NAMED)
        terminal_say(out, "%s%s: %s and %zu more", before, sentence, names.bytes, count - NAMED);
    else if (count > 0)
        terminal_say(out, "%s%s: %s", before, sentence, names.bytes);
    text_clear(&names);
}

static bool has_reason(const struct study_group *group, int reason)
{
    return !measured(group) && (int)group->estimate.reason == reason;
}

static bool has_flag(const struct study_group *group, int flag)
{
    return measured(group) && (group->estimate.flags & flag);
}

static bool has_unknown(const struct study_group *group, int which)
{
    (void)which;
    return measured(group) && group->cost.unknown > 0;
}

/* Visits that stand in no count of those that paid or did not. */
static void print_unknown(FILE *out, const struct study *study)
{
    char sentence[LINE];
    size_t unknown = 0;

    for (size_t i = 0; i < study->rows; i++)
        unknown += has_unknown(&study->row[i], 0) ? study->row[i].cost.unknown : 0;
    snprintf(sentence, sizeof sentence,
             "%zu visit%s could not have shown a switch, and %s neither way", unknown,
             unknown == 1 ? "" : "s", unknown == 1 ? "counts" : "count");
    say_of_rows(out, study, "", sentence, has_unknown, 0);
}

static void print_remarks(FILE *out, const struct study *study)
{
    for (int reason = SWITCH_MEASURABLE + 1; reason < SWITCH_REASONS; reason++)
        say_of_rows(out, study, "not measurable, ", switch_reason_words[reason], has_reason,
                    reason);
    for (int i = 0; i < SWITCH_FLAGS; i++) {
        if (flag_sentences[i])
            say_of_rows(out, study, "", flag_sentences[i], has_flag, 1 << i);
    }
}

/* --- The study -------------------------------------------------------------------------------- */

/* Two batch sizes of one expert are two things to load. */
static void print_insides(FILE *out, const struct study *study)
{
    char text[LINE], took[UNIT_TEXT];

    for (size_t i = 0; i < study->insides; i++) {
        const struct study_inside *inside = &study->inside[i];

        if (inside->found == 0)
            continue;
        study_words_row(inside->row, NAME, text, sizeof text);
        terminal_say(out,
                     "a further switch inside %s: the first batch of %g took %s longer in %zu of "
                     "%zu visit%s",
                     text, inside->batch_size, unit_time(inside->value_s, took), inside->found,
                     inside->visits, inside->visits == 1 ? "" : "s");
    }
}

/* Rows whose switch costs another time after another row. */
static void print_orders(FILE *out, const struct study *study)
{
    char text[LINE];

    for (size_t i = 0; i < study->rows; i++) {
        if (!(study->row[i].order_p * (double)study->rows <= REPLICATE_LEVEL))
            continue;
        study_words_row(study->row[i].to, NAME, text, sizeof text);
        terminal_say(out, "what %s costs depends on the row before (p = %.2g)", text,
                     study->row[i].order_p * (double)study->rows);
    }
}

static void print_loading(FILE *out, const struct study *study)
{
    const struct study_loading *loading = &study->loading;
    double stated = study->visits > 0 ? study->visit[0].step->node_gb_per_s : NAN;
    char beside[64 + UNIT_TEXT] = "", speed[UNIT_TEXT], overhead[UNIT_TEXT], range[UNIT_TEXT];

    if (loading->rows == 0)
        return;
    if (isfinite(stated))
        snprintf(beside, sizeof beside, "; the bundle file says %s GB/s",
                 unit_number(stated, speed));
    terminal_say(out, "loading weights: %s, and %s GB/s (95 %%: %s) by %zu rows of known weight%s",
                 unit_time_within(loading->overhead_s, loading->overhead_error_s, overhead),
                 unit_number(loading->gb_per_s, speed),
                 unit_range(loading->gb_per_s_low, loading->gb_per_s_high, "", range),
                 loading->rows, beside);
}

static const char *units(const struct study_residency *residency)
{
    return residency->by_configuration ? "configurations" : "rows";
}

/* Adds how sure it is, with what stands behind it; nothing is sure beside unexplained revisits. */
static void add_sure(struct text *text, size_t wrong, double probability, const char *behind)
{
    if (wrong == 0)
        text_printf(text, " (%.0f %% sure%s%s)", 100 * probability, *behind ? "; " : "", behind);
    else if (*behind)
        text_printf(text, " (%s)", behind);
}

static void add_capacity(struct text *text, const struct study_residency *residency, size_t wrong)
{
    char interval[64] = "";

    if (residency->by_weight && isinf(residency->gb_high))
        text_printf(text, "all stay, at least %.0f GB", residency->gb_low);
    else if (residency->by_weight)
        text_printf(text, "%.0f GB stay, %.0f GB do not", residency->gb_low, residency->gb_high);
    else if (residency->capacity == residency->units)
        text_printf(text, "all %zu %s stay", residency->units, units(residency));
    else
        text_printf(text, "%zu of %zu %s stay", residency->capacity, residency->units,
                    units(residency));
    if (residency->by_weight)
        return;
    if (residency->capacity_low < residency->capacity_high ||
        residency->capacity < residency->units)
        snprintf(interval, sizeof interval, "95 %%: %zu to %zu", residency->capacity_low,
                 residency->capacity_high);
    add_sure(text, wrong, residency->probability, interval);
}

/* Which leaves first matters where more than one stays, and not all. */
static void add_rule(struct text *text, const struct study_residency *residency, size_t wrong)
{
    bool lru = residency->rule == RESIDENCY_LRU;

    if (residency->by_weight ? isinf(residency->gb_high)
                             : residency->capacity == residency->units || residency->capacity == 1)
        return;
    text_printf(text, "; what was %s longest ago leaves first", lru ? "used" : "loaded");
    add_sure(text, wrong, lru ? residency->lru_probability : 1 - residency->lru_probability, "");
}

static void print_memory(FILE *out, const struct study_residency *residency)
{
    size_t wrong = residency->by_weight ? residency->gb_wrong : residency->wrong;
    struct text text = {0};

    add_capacity(&text, residency, wrong);
    add_rule(&text, residency, wrong);
    if (residency->expiry_probability >= 0.05)
        text_printf(&text, "; or they leave after a time without use (%.0f %% likely)",
                    100 * residency->expiry_probability);
    terminal_say(out, "residency: %s; %zu of %zu revisit%s unexplained", text.bytes, wrong,
                 residency->revisits, residency->revisits == 1 ? "" : "s");
    text_clear(&text);
}

static void print_expiry(FILE *out, const struct study_residency *residency)
{
    struct text text = {0};
    char interval[80], time[UNIT_TEXT];

    if (residency->expiry_low_s > 0) {
        text_printf(&text, "what is not used for %s leaves", unit_time(residency->expiry_s, time));
        snprintf(interval, sizeof interval, "95 %%: %s",
                 unit_time_range(residency->expiry_low_s, residency->expiry_high_s, time));
    } else {
        text_printf(&text, "what is not used for %s has left",
                    unit_time(residency->expiry_high_s, time));
        snprintf(interval, sizeof interval, "it may leave sooner");
    }
    add_sure(&text, residency->wrong, residency->probability, interval);
    terminal_say(out, "residency: %s; %zu of %zu revisit%s unexplained", text.bytes,
                 residency->wrong, residency->revisits, residency->revisits == 1 ? "" : "s");
    text_clear(&text);
}

static void print_rule(FILE *out, const struct study_residency *residency)
{
    switch (residency->rule) {
    case RESIDENCY_LRU:
    case RESIDENCY_FIFO:
        print_memory(out, residency);
        break;
    case RESIDENCY_IDLE_EXPIRY:
        print_expiry(out, residency);
        break;
    case RESIDENCY_NONE_FITS:
        terminal_say(out,
                     "residency: no rule that is known here fits (least recently used, first in "
                     "first out, idle expiry; p = %.1g)",
                     residency->misfit_p);
        break;
    default:
        terminal_say(out, "residency: which stay is not known; no revisit shows it");
    }
}

static void print_residency(FILE *out, const struct study *study)
{
    const struct study_residency *residency = &study->residency;
    struct text distances = {0};

    if (study->controlled)
        terminal_say(out, "residency: not claimed, as before_step loaded or unloaded models");
    if (residency->revisits == 0 ||
        (residency->units < 2 && residency->rule != RESIDENCY_IDLE_EXPIRY))
        return;
    for (size_t d = 0; d < residency->units; d++) {
        if (residency->visits[d] > 0)
            text_printf(&distances, "%s%zu: %zu/%zu", distances.length > 0 ? ", " : "", d,
                        residency->paid[d], residency->visits[d]);
    }
    terminal_say(out, "paid of revisits, by how many other %s ran since: %s", units(residency),
                 distances.bytes);
    text_clear(&distances);
    print_rule(out, residency);
}

void study_words_residency(FILE *out, const struct study *study)
{
    print_residency(out, study);
    call_mix_words(out, &study->call_mix);
}

static void print_word(FILE *out, const struct study *study)
{
    struct text text = {0};

    state_words_add(study, &text);
    if (text.length > 0)
        terminal_say(out, "by the server's own word: %s", text.bytes);
    text_clear(&text);
}

void study_words(FILE *out, const struct study *study)
{
    print_scale(out, study);
    study_scatter_cost(out, study);
    study_scatter_steady(out, study);
    study_scatter_reloads(out, study);
    print_unknown(out, study);
    print_remarks(out, study);
    print_insides(out, study);
    print_orders(out, study);
    print_loading(out, study);
    print_word(out, study);
    study_words_residency(out, study);
}

void study_words_each(void (*words)(FILE *out, const struct study *study),
                      const struct study *study, void (*take)(void *context, const char *sentence),
                      void *context)
{
    char *text = NULL, *rest;
    size_t size;
    FILE *out = open_memstream(&text, &size);

    words(out, study);
    fclose(out);
    rest = text;
    for (char *line; (line = strsep(&rest, "\n"));) {
        if (*line)
            take(context, line + strspn(line, " "));
    }
    free(text);
}
