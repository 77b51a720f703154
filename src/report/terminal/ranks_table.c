#include "report/terminal/ranks_table.h"

#include "core/text.h"
#include "core/unit.h"
#include "plan/advice.h"
#include "plan/ranks_need.h"
#include "report/short_name.h"
#include "report/terminal/terminal.h"
#include "report/terminal/width.h"

enum { NAME_MOST = 44, NAME_TEXT = 256 };

static void print_name(FILE *out, const struct row *row)
{
    char name[NAME_TEXT], load[48];
    struct text text = {0};

    if (row->mix) {
        text_printf(&text, "mix %s", row->mix);
    } else {
        terminal_load(row, load, sizeof load);
        text_printf(&text, "%s, %s", row->model_name, load);
    }
    short_name(text.bytes, NAME_MOST, name, sizeof name);
    fprintf(out, "  %s%*s", name, NAME_MOST - width_of(name), "");
    text_clear(&text);
}

static void print_need(FILE *out, const struct rows *rows, const struct ranks_need *need)
{
    char events[UNIT_TEXT];

    fprintf(out, "%6d", rows->row[need->row].line);
    print_name(out, &rows->row[need->row]);
    fprintf(out, " %9s %6zu", unit_number(need->events_per_s, events), need->ranks);
    if (need->most > 0 && need->ranks > need->most)
        fprintf(out, "  has places for %zu", need->most);
    fputc('\n', out);
}

static void print_sum(FILE *out, const struct settings *settings, size_t most, bool guessed)
{
    char ranks[UNIT_TEXT], loops[UNIT_TEXT];

    terminal_note(out, COLOUR_NONE,
                  "ranks: %s %s. One loop keeps up with about %.0f events/s (docs/performance.md), "
                  "and a rank has %s here (threads), each with a core to itself.%s",
                  unit_count(most, "rank", NULL, ranks),
                  most == 1 ? "is enough, one process" : "keep up with all of it",
                  RANKS_EVENTS_PER_S, unit_count((size_t)settings->threads, "loop", NULL, loops),
                  guessed ? " No bundle file tells how fast streams of these models are: each is "
                            "taken for 100 tokens/s."
                          : "");
}

void ranks_table_print(FILE *out, const struct rows *rows, const struct bundle *bundle,
                       const struct settings *settings)
{
    struct ranks_need beside = ranks_need_beside(rows, bundle, settings);
    size_t most = 1;
    bool guessed = false;
    char events[UNIT_TEXT];

    fprintf(out, "\n  line  %-*s  events/s  ranks\n", NAME_MOST, "row or mix");
    for (size_t i = 0; i < rows->count; i++) {
        struct ranks_need need = ranks_need_of(rows, i, bundle, settings);

        if (!ranks_need_begins(rows, i))
            continue;
        print_need(out, rows, &need);
        most = need.ranks > most ? need.ranks : most;
        guessed |= need.guessed;
    }
    if (settings->concurrency_enabled) {
        fprintf(out, "        %-*s %9s %6zu\n", NAME_MOST, "rows beside each other",
                unit_number(beside.events_per_s, events), beside.ranks);
        most = beside.ranks > most ? beside.ranks : most;
    }
    print_sum(out, settings, most, guessed);
}
