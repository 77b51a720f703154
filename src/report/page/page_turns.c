#include "report/page/page_turns.h"

#include "report/page/page_study.h"
#include "report/turn_words.h"

static void add_turn(struct writer *writer, size_t t, const struct turn_figures *turn)
{
    writer_open(writer, NULL, '{');
    writer_add_number(writer, "turn", (double)t + 1);
    writer_add_number(writer, "started", (double)turn->started);
    writer_add_number(writer, "completed", (double)turn->completed);
    writer_add_number(writer, "not_sent", (double)turn->not_sent);
    writer_add_number(writer, "input_tokens", turn_mean(turn, METRIC_NUMBER_INPUT_TOKENS));
    writer_add_number(writer, "cached_tokens", turn_mean(turn, METRIC_CACHED_TOKENS));
    writer_add_number(writer, "output_tokens", turn_mean(turn, METRIC_NUMBER_OUTPUT_TOKENS));
    writer_add_number(writer, "ttft_s_p50", turn_p50(turn, METRIC_CLIENT_TTFT_S));
    writer_add_number(writer, "ttft_s_p95", turn_p95(turn, METRIC_CLIENT_TTFT_S));
    writer_add_number(writer, "server_ttft_s_p50", turn_p50(turn, METRIC_SERVER_TTFT_S));
    writer_add_number(writer, "latency_s_p50", turn_p50(turn, METRIC_CLIENT_END_TO_END_LATENCY_S));
    writer_close(writer, '}');
}

static void add_step(struct writer *writer, const struct results *run, const struct step *step)
{
    writer_open(writer, NULL, '{');
    writer_add_text(writer, "run", run->name);
    writer_add_number(writer, "step", (double)step->index + 1);
    page_study_add_row(writer, "label", &step->row);
    writer_open(writer, "turns", '[');
    for (size_t t = 0; t < step->turns; t++)
        add_turn(writer, t, &step->turn[t]);
    writer_close(writer, ']');
    writer_close(writer, '}');
}

void page_turns_add(struct writer *writer, const struct report *report)
{
    writer_open(writer, "turns", '[');
    for (size_t i = 0; i < report->runs; i++) {
        for (size_t k = 0; k < report->run[i].count; k++) {
            if (report->run[i].step[k].turns > 0)
                add_step(writer, &report->run[i], &report->run[i].step[k]);
        }
    }
    writer_close(writer, ']');
}
