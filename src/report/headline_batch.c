#include "report/headline_parts.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "core/unit.h"
#include "report/terminal/terminal.h"

enum { LOW, MEDIAN = 2, HIGH = 5, NAME = 512 }; /* of metric_percent: p5, p50, p95 */

/* The steps that count: without warm-ups, whose figures nobody asks for. */
static bool counts(const struct step *step, const char *model)
{
    return !step->row.warmup && step->completed > 0 &&
           (!model || strcmp(step->row.model_name, model) == 0);
}

/* --- Figures of steps ------------------------------------------------------------------------- */

static double median_ttft(const struct step *step)
{
    const struct metric_summary *metric = &step->metric[METRIC_CLIENT_TTFT_S];

    return metric->count ? metric->quantile[MEDIAN] : NAN;
}

static double median_speed(const struct step *step)
{
    const struct metric_summary *metric = &step->metric[METRIC_CLIENT_OUTPUT_TOKEN_PER_S];

    return metric->count ? metric->quantile[MEDIAN] : NAN;
}

static double throughput(const struct step *step)
{
    return step->client_total_output_throughput;
}

/* From the least to the most of the steps; NAN: no step has it. */
struct extent {
    double low, high;
};

static struct extent extent_of(const struct report *report, const char *model,
                               double (*figure)(const struct step *step))
{
    struct extent extent = {NAN, NAN};

    for (size_t r = 0; r < report->runs; r++) {
        for (size_t i = 0; i < report->run[r].count; i++) {
            const struct step *step = &report->run[r].step[i];

            if (!counts(step, model) || !isfinite(figure(step)))
                continue;
            extent.low = fmin(extent.low, figure(step)); /* of NAN and a number, the number */
            extent.high = fmax(extent.high, figure(step));
        }
    }
    return extent;
}

/* "first token after 49.1 to 413 ms (median), 45.1 to 120 tokens/s a request, 812 tokens/s in all;
 * none of 154 requests failed" */
static void add_figures(const struct report *report, const char *model, struct text *text)
{
    struct extent ttft = extent_of(report, model, median_ttft);
    struct extent speed = extent_of(report, model, median_speed);
    struct extent total = extent_of(report, model, throughput);
    char words[UNIT_TEXT];

    if (isfinite(ttft.low))
        text_printf(text, "first token after %s (median)",
                    unit_time_range(ttft.low, ttft.high, words));
    else
        text_add_string(text, "no time to a first token is known");
    if (isfinite(speed.low))
        text_printf(text, ", %s a request", unit_range(speed.low, speed.high, "tokens/s", words));
    if (isfinite(total.low))
        text_printf(text, ", %s in all", unit_range(total.low, total.high, "tokens/s", words));
    text_add_string(text, "; ");
    headline_add_failures(report, model, text);
}

/* --- The picture ------------------------------------------------------------------------------ */

struct visit {
    const struct step *step;
    size_t place, first; /* among all steps; of its row's first one */
};

/* Steps in the order of their rows' first ones, visits of one row next to each other. */
struct row_visits {
    struct visit *visit; /* owned */
    size_t count;
};

static int by_row(const void *a, const void *b)
{
    const struct visit *x = a, *y = b;
    int order = row_compare(&x->step->row, &y->step->row);

    return order != 0 ? order : (x->place > y->place) - (x->place < y->place);
}

static int by_first(const void *a, const void *b)
{
    const struct visit *x = a, *y = b;

    if (x->first != y->first)
        return x->first < y->first ? -1 : 1;
    return (x->place > y->place) - (x->place < y->place);
}

static bool same_row(const struct visit *a, const struct visit *b)
{
    return row_compare(&a->step->row, &b->step->row) == 0;
}

static struct row_visits visits_of(const struct report *report)
{
    struct row_visits all = {memory_new(headline_count(report).steps + 1, sizeof *all.visit), 0};

    for (size_t r = 0; r < report->runs; r++) {
        for (size_t i = 0; i < report->run[r].count; i++) {
            if (counts(&report->run[r].step[i], NULL))
                all.visit[all.count] = (struct visit){&report->run[r].step[i], all.count, 0},
                all.count++;
        }
    }
    qsort(all.visit, all.count, sizeof *all.visit, by_row);
    for (size_t i = 0; i < all.count; i++)
        all.visit[i].first = i > 0 && same_row(&all.visit[i - 1], &all.visit[i])
                                 ? all.visit[i - 1].first
                                 : all.visit[i].place;
    qsort(all.visit, all.count, sizeof *all.visit, by_first);
    return all;
}

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

/* Of several visits to a row: the median of their medians, and from the least p5 to the largest
 * p95; of one, its own. */
static void fill_bar(const struct visit *visit, size_t visits, struct headline_bar *bar)
{
    double *median = memory_new(visits + 1, sizeof *median);
    size_t known = 0;

    for (size_t i = 0; i < visits; i++) {
        const struct metric_summary *metric = &visit[i].step->metric[METRIC_CLIENT_TTFT_S];

        if (metric->count == 0)
            continue;
        median[known++] = metric->quantile[MEDIAN];
        bar->low = fmin(bar->low, metric->quantile[LOW]);
        bar->high = fmax(bar->high, metric->quantile[HIGH]);
    }
    qsort(median, known, sizeof *median, ascending);
    if (known > 0)
        bar->value = (median[(known - 1) / 2] + median[known / 2]) / 2;
    free(median);
}

static bool model_has_more_rows(const struct row_visits *all, const struct visit *visit)
{
    for (size_t i = 0; i < all->count; i++) {
        if (strcmp(all->visit[i].step->row.model_name, visit->step->row.model_name) == 0 &&
            all->visit[i].first != visit->first)
            return true;
    }
    return false;
}

static void add_bar(const struct row_visits *all, size_t begin, size_t end,
                    struct headline *headline)
{
    const struct row *row = &all->visit[begin].step->row;
    struct headline_bar *bar;
    char label[NAME], value[UNIT_TEXT], range[UNIT_TEXT];

    if (model_has_more_rows(all, &all->visit[begin]))
        terminal_row(row, NAME / 2, label, sizeof label);
    else
        snprintf(label, sizeof label, "%s", row->model_name);
    bar = headline_add_bar(headline, label, "no time to a first token is known");
    bar->model = row->model_name;
    fill_bar(all->visit + begin, end - begin, bar);
    if (!isfinite(bar->value))
        return;
    free(bar->words);
    bar->words = memory_printf("%s (%s)", unit_time(bar->value, value),
                               unit_time_range(bar->low, bar->high, range));
}

static void add_bars(const struct report *report, struct headline *headline)
{
    struct row_visits all = visits_of(report);

    headline->bar_title = "Time to first token";
    headline->bar_axis = "TTFT";
    headline->bar_unit = "s";
    headline->bar_note = "Bar: median of the requests. Line: from their p5 to their p95.";
    for (size_t begin = 0, end; begin < all.count; begin = end) {
        for (end = begin + 1; end < all.count && all.visit[end].first == all.visit[begin].first;)
            end++;
        if (headline->bars < HEADLINE_BARS_MOST)
            add_bar(&all, begin, end, headline);
        else
            headline->bars_left_out++;
    }
    free(all.visit);
}

/* --- The sentence, and a tile for each model -------------------------------------------------- */

static void tile_model(const struct report *report, const char *model, struct headline *headline)
{
    size_t completed = 0, failed = 0;
    struct text text = {0};

    for (size_t r = 0; r < report->runs; r++) {
        for (size_t i = 0; i < report->run[r].count; i++) {
            const struct step *step = &report->run[r].step[i];

            if (strcmp(step->row.model_name, model) != 0)
                continue;
            completed += step->completed;
            failed += step->errors;
        }
    }
    if (completed > 0)
        add_figures(report, model, &text);
    else
        headline_add_failures(report, model, &text);
    headline_add_tile(headline, model, completed > 0 ? HEADLINE_LATENCY : HEADLINE_FAILURES,
                      completed == 0 ? HEADLINE_BAD
                      : failed > 0   ? HEADLINE_NOTE
                                     : HEADLINE_NEUTRAL,
                      &text);
}

static bool has_mixes(const struct report *report)
{
    for (size_t r = 0; r < report->runs; r++) {
        if (report->run[r].mixes > 0)
            return true;
    }
    return false;
}

/* What rows that ran alone show is not what their models pay in a mix. */
static void tile_switching(const struct report *report, struct headline *headline)
{
    struct text text = {0};

    if (!study_measured(report->study) || has_mixes(report))
        return;
    headline_add_cost(report->study, &text);
    if (text.length > 0)
        headline_add_tile(headline, "Switching", HEADLINE_SWITCHING, HEADLINE_NEUTRAL, &text);
    text_clear(&text);
}

void headline_batch(const struct report *report, struct headline *headline)
{
    struct headline_counts counts = headline_count(report);
    struct headline_models models = headline_models(report);
    struct text text = {0};

    if (models.count == 1)
        text_printf(&text, "%s: ", models.name[0]);
    else
        text_printf(&text, "%zu models: ", models.count);
    add_figures(report, NULL, &text);
    headline->tone = counts.failed > 0 ? HEADLINE_NOTE : HEADLINE_NEUTRAL;
    headline->sentence = text_take(&text);
    headline->look = memory_text("Look at latency and throughput of each row");
    add_bars(report, headline);
    for (size_t i = 0; i < models.count && models.count > 1 && i < HEADLINE_MODELS_MOST; i++)
        tile_model(report, models.name[i], headline);
    tile_switching(report, headline);
    free(models.name);
}
