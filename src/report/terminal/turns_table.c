#include "report/terminal/turns_table.h"

#include <math.h>

#include "core/unit.h"
#include "report/terminal/cells.h"
#include "report/terminal/terminal.h"
#include "report/turn_words.h"

enum { NUMBER, TURN, DONE, INPUT, CACHED, TTFT, TTFT_P95, LATENCY };
enum { STEPS_MOST = 4, TURNS_MOST = 8 };

static const struct cells_column columns[] = {
    [NUMBER] = {"#", CELLS_RIGHT, 0},      [TURN] = {"turn", CELLS_RIGHT, 0},
    [DONE] = {"done", CELLS_RIGHT, 0},     [INPUT] = {"input", CELLS_RIGHT, 1},
    [CACHED] = {"cached", CELLS_RIGHT, 2}, [TTFT] = {"TTFT", CELLS_RIGHT, 0},
    [TTFT_P95] = {"p95", CELLS_RIGHT, 3},  [LATENCY] = {"end-to-end", CELLS_RIGHT, 4},
};

static void set_turn(const struct step *step, size_t t, struct cells *cells)
{
    const struct turn_figures *turn = &step->turn[t];
    char text[UNIT_TEXT];

    cells_add_line(cells, NULL);
    if (t == 0)
        cells_set(cells, NUMBER, "%zu", step->index + 1);
    cells_set(cells, TURN, "%zu", t + 1);
    cells_set(cells, DONE, "%zu/%zu", turn->completed, turn->started + turn->not_sent);
    cells_set(cells, INPUT, "%s", unit_number(turn_mean(turn, METRIC_NUMBER_INPUT_TOKENS), text));
    cells_set(cells, CACHED, "%s", unit_number(turn_mean(turn, METRIC_CACHED_TOKENS), text));
    cells_set(cells, TTFT, "%s", unit_time(turn_p50(turn, METRIC_CLIENT_TTFT_S), text));
    cells_set(cells, TTFT_P95, "%s", unit_time(turn_p95(turn, METRIC_CLIENT_TTFT_S), text));
    cells_set(cells, LATENCY, "%s",
              unit_time(turn_p50(turn, METRIC_CLIENT_END_TO_END_LATENCY_S), text));
}

/* The first turns, and the last, which has the longest prompt. */
static void set_step(const struct step *step, struct cells *cells)
{
    for (size_t t = 0; t < step->turns; t++) {
        if (t < TURNS_MOST - 1 || t == step->turns - 1)
            set_turn(step, t, cells);
    }
}

void turns_table(FILE *out, const struct results *results)
{
    struct cells cells;
    size_t found = 0;

    cells_init(&cells, columns, sizeof columns / sizeof *columns);
    for (size_t i = 0; i < results->count; i++) {
        if (results->step[i].turns > 0 && found++ < STEPS_MOST)
            set_step(&results->step[i], &cells);
    }
    if (found > 0) {
        fputc('\n', out);
        terminal_say(out, "Sessions turn by turn: input and cached tokens on average, TTFT and "
                          "latency by their medians");
        cells_print(&cells, out, terminal_columns(out));
    }
    if (found > STEPS_MOST)
        terminal_note(out, COLOUR_NONE, "and %zu more with sessions: sheet Turns of the workbook",
                      found - STEPS_MOST);
    cells_clear(&cells);
}
