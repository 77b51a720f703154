#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/memory.h"
#include "report/terminal/terminal.h"
#include "report/workbook/sheets.h"
#include "stats/quantile.h"

enum { NAME = 512 };

/* What is shown of a row's visits: a figure of each step. */
struct figure {
    const char *name, *unit;
    enum sheet_style style;
    double (*of)(const struct step *step);
};

static double median_of(const struct step *step, enum metric metric)
{
    enum { P50 = 2 };

    return step->metric[metric].count > 0 ? step->metric[metric].quantile[P50] : NAN;
}

static double ttft(const struct step *step)
{
    return median_of(step, METRIC_CLIENT_TTFT_S);
}

static double end_to_end(const struct step *step)
{
    return median_of(step, METRIC_CLIENT_END_TO_END_LATENCY_S);
}

static double output_speed(const struct step *step)
{
    return median_of(step, METRIC_CLIENT_OUTPUT_TOKEN_PER_S);
}

static double throughput(const struct step *step)
{
    return step->client_total_output_throughput;
}

static double goodput(const struct step *step)
{
    return step->goodput_requests_per_s;
}

static const struct figure figures[] = {
    {"client_ttft_s_p50", "s", STYLE_SECONDS, ttft},
    {"client_end_to_end_latency_s_p50", "s", STYLE_SECONDS, end_to_end},
    {"client_output_token_per_s_p50", "tokens/s", STYLE_RATE, output_speed},
    {"client_total_output_throughput", "tokens/s", STYLE_RATE, throughput},
    {"goodput_requests_per_s", "requests/s", STYLE_RATE, goodput},
};

enum { FIGURES = sizeof figures / sizeof *figures, BEFORE = 5, STATISTICS = 4, LABEL = 64 };

/* --- Rows ------------------------------------------------------------------------------------- */

/* Orders steps by their rows, then as they ran. */
static int by_row(const void *a, const void *b)
{
    const struct step *x = *(const struct step *const *)a, *y = *(const struct step *const *)b;
    int order = row_compare(&x->row, &y->row);

    return order ? order : (x > y) - (x < y);
}

static size_t collect(const struct report *report, const struct step ***steps)
{
    size_t count = 0, most = 0;

    for (size_t i = 0; i < report->runs; i++)
        most += report->run[i].count;
    *steps = memory_new(most, sizeof **steps);
    for (size_t i = 0; i < report->runs; i++) {
        for (size_t k = 0; k < report->run[i].count; k++) {
            if (!report->run[i].step[k].row.warmup)
                (*steps)[count++] = &report->run[i].step[k];
        }
    }
    if (count > 0)
        qsort(*steps, count, sizeof **steps, by_row);
    return count;
}

/* How many from the first on are visits to the same row. */
static size_t visits_of(const struct step *const *steps, size_t count)
{
    size_t visits = 1;

    while (visits < count && row_compare(&steps[0]->row, &steps[visits]->row) == 0)
        visits++;
    return visits;
}

/* --- The sheet -------------------------------------------------------------------------------- */

/* Mean, least, most, and the standard deviation as a share of the mean. */
static void write_figure(struct sheet *sheet, const struct figure *figure,
                         const struct step *const *steps, size_t visits)
{
    double *values = memory_new(visits, sizeof *values), mean;
    size_t known = 0;

    for (size_t i = 0; i < visits; i++) {
        values[known] = figure->of(steps[i]);
        known += isfinite(values[known]);
    }
    if (known == 0) {
        for (int i = 0; i < STATISTICS; i++)
            sheet_number(sheet, NAN);
    } else {
        quantile_sort(values, known);
        mean = quantile_mean(values, known);
        sheet_number(sheet, mean);
        sheet_number(sheet, values[0]);
        sheet_number(sheet, values[known - 1]);
        sheet_number(sheet, quantile_stddev(values, known) / mean);
    }
    free(values);
}

static void write_row(struct sheet *sheet, const struct step *const *steps, size_t visits)
{
    double started = 0, errors = 0, switches = 0;
    char name[NAME];

    for (size_t i = 0; i < visits; i++) {
        started += (double)steps[i]->started;
        errors += (double)steps[i]->errors;
        switches += steps[i]->estimate.verdict == SWITCH_DETECTED;
    }
    terminal_row(&steps[0]->row, NAME / 2, name, sizeof name);
    sheet_text(sheet, name);
    sheet_number(sheet, (double)visits);
    sheet_number(sheet, started);
    sheet_number(sheet, errors);
    sheet_number(sheet, switches);
    for (int i = 0; i < FIGURES; i++)
        write_figure(sheet, &figures[i], steps, visits);
    sheet_next(sheet);
}

static size_t describe(struct sheet_column *about, char label[][LABEL])
{
    static const char *const statistics[STATISTICS] = {"mean", "least", "most", "varies by"};
    size_t columns = 0;

    about[columns++] = (struct sheet_column){"row", "", 44, STYLE_TEXT};
    about[columns++] = (struct sheet_column){"visits", "", 8, STYLE_WHOLE};
    about[columns++] = (struct sheet_column){"requests", "", 10, STYLE_WHOLE};
    about[columns++] = (struct sheet_column){"errors", "", 8, STYLE_WHOLE};
    about[columns++] = (struct sheet_column){"switches detected", "", 10, STYLE_WHOLE};
    for (int i = 0; i < FIGURES; i++) {
        for (int k = 0; k < STATISTICS; k++) {
            bool share = k == STATISTICS - 1;

            snprintf(label[columns], LABEL, "%s: %s", figures[i].name, statistics[k]);
            about[columns] = (struct sheet_column){label[columns], share ? "" : figures[i].unit, 15,
                                                   share ? STYLE_SHARE : figures[i].style};
            columns++;
        }
    }
    return columns;
}

void sheet_passes(const struct book *book, const struct report *report)
{
    struct sheet_column about[BEFORE + FIGURES * STATISTICS];
    char label[BEFORE + FIGURES * STATISTICS][LABEL];
    size_t columns = describe(about, label), count, most = 0;
    const struct step **steps;
    struct sheet sheet;

    count = collect(report, &steps);
    for (size_t i = 0; i < count; i += visits_of(&steps[i], count - i)) {
        size_t visits = visits_of(&steps[i], count - i);

        most = visits > most ? visits : most;
    }
    if (most > 1) {
        sheet = sheet_begin(book, "Passes", about, columns, 1);
        for (size_t i = 0; i < count; i += visits_of(&steps[i], count - i))
            write_row(&sheet, &steps[i], visits_of(&steps[i], count - i));
        sheet_end(&sheet);
        sheet_say(&sheet,
                  "Each row over all of its visits, in all passes and runs; it varies by the "
                  "standard deviation of its visits' figures, as a share of their mean.");
    }
    free(steps);
}
