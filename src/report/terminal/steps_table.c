#include "report/terminal/steps_table.h"

#include "core/unit.h"
#include "report/terminal/cells.h"
#include "report/terminal/terminal.h"

enum { NUMBER, MODEL, TOKENS, LOAD, DONE, TTFT, SPEED, TOTAL, SWITCH, MARK };

static const struct cells_column columns[] = {
    [NUMBER] = {"#", CELLS_RIGHT, 0},      [MODEL] = {"model", CELLS_MODEL, 0},
    [TOKENS] = {"tokens", CELLS_RIGHT, 2}, [LOAD] = {"load", CELLS_LEFT, 0},
    [DONE] = {"done", CELLS_RIGHT, 1},     [TTFT] = {"TTFT", CELLS_RIGHT, 0},
    [SPEED] = {"tok/s", CELLS_RIGHT, 3},   [TOTAL] = {"tok/s Σ", CELLS_RIGHT, 0},
    [SWITCH] = {"switch", CELLS_RIGHT, 0}, [MARK] = {"", CELLS_LEFT, 0},
};

static void set_row(const struct step *step, struct cells *cells)
{
    char text[64], done[TERMINAL_DONE];

    cells_set(cells, NUMBER, "%zu", step->index + 1);
    terminal_tokens(&step->row, text, sizeof text);
    cells_set(cells, TOKENS, "%s%s", text, step->row.multimodal_img_size ? "+img" : "");
    terminal_load(&step->row, text, sizeof text);
    cells_set(cells, LOAD, "%s", text);
    cells_set(cells, DONE, "%s", terminal_done(step, done));
    if (step->completed < step->started)
        cells->line[cells->lines - 1].colour[DONE] = step->completed > 0 ? COLOUR_NOTE : COLOUR_BAD;
}

static void set_figures(const struct step *step, struct cells *cells)
{
    char text[UNIT_TEXT];

    cells_set(cells, TTFT, "%s", unit_time(step_median(step, METRIC_CLIENT_TTFT_S), text));
    cells_set(cells, SPEED, "%s",
              unit_number(step_median(step, METRIC_CLIENT_OUTPUT_TOKEN_PER_S), text));
    cells_set(cells, TOTAL, "%s", unit_number(step->client_total_output_throughput, text));
}

static void set_switch(const struct step *step, struct cells *cells)
{
    static const char *const words[] = {[SWITCH_DETECTED] = "",
                                        [SWITCH_NOT_DETECTED] = "none",
                                        [SWITCH_INCONCLUSIVE] = "inconclusive",
                                        [SWITCH_NOT_MEASURABLE] = "–"};
    const struct switch_estimate *estimate = &step->estimate;
    char text[UNIT_TEXT];

    cells_set(cells, SWITCH, "%s",
              estimate->verdict == SWITCH_DETECTED ? unit_time(estimate->value_s, text)
                                                   : words[estimate->verdict]);
    if (estimate->verdict == SWITCH_DETECTED)
        cells->line[cells->lines - 1].colour[SWITCH] = COLOUR_STRONG;
    if (step->health.verdict == MEASUREMENT_INVALID) {
        cells_set(cells, MARK, "INVALID");
        cells->line[cells->lines - 1].colour[MARK] = COLOUR_BAD;
    }
}

void steps_table(FILE *out, const struct results *results)
{
    struct cells cells;

    cells_init(&cells, columns, sizeof columns / sizeof *columns);
    for (size_t i = 0; i < results->count; i++) {
        cells_add_line(&cells, &results->step[i].row);
        set_row(&results->step[i], &cells);
        set_figures(&results->step[i], &cells);
        set_switch(&results->step[i], &cells);
    }
    cells_print(&cells, out, terminal_columns(out));
    cells_clear(&cells);
    terminal_say(out, "TTFT and tok/s: medians per request; tok/s Σ: the row's total");
}
