#include "report/page/page_search.h"

#include <math.h>

#include "plan/search_rule.h"
#include "report/search_words.h"

/* Their places in metric_percent. */
enum { P50_AT = 2, P99_AT = 6 };

static void add_step(struct writer *writer, const struct step *step)
{
    const struct metric_summary *ttft = &step->metric[METRIC_CLIENT_TTFT_S];

    writer_open(writer, NULL, '{');
    writer_add_number(writer, "step", (double)step->index + 1);
    writer_add_number(writer, "load", search_rule_load(&step->row));
    writer_add_number(writer, "requests", (double)step->started);
    writer_add_number(writer, "goodput_share", step->goodput_share);
    writer_add_number(writer, "goodput_requests_per_s", step->goodput_requests_per_s);
    writer_add_number(writer, "ttft_p50_s", ttft->count > 0 ? ttft->quantile[P50_AT] : NAN);
    writer_add_number(writer, "ttft_p99_s", ttft->count > 0 ? ttft->quantile[P99_AT] : NAN);
    writer_add_number(writer, "throughput", step->client_total_output_throughput);
    writer_close(writer, '}');
}

static void add_row(struct writer *writer, const struct results *run,
                    const struct search_found *found)
{
    struct text label = {0};

    search_words_row(run, found, &label);
    writer_open(writer, NULL, '{');
    writer_add_text(writer, "run", run->name);
    writer_add_text(writer, "label", label.bytes);
    writer_add_text(writer, "unit", found->open_loop ? "requests/s" : "requests at once");
    writer_add_text(writer, "end", found->end);
    writer_add_text(writer, "sentence", found->sentence);
    writer_add_number(writer, "found", found->load);
    writer_add_number(writer, "low", found->low);
    writer_add_number(writer, "high", found->high);
    writer_add_number(writer, "knee", found->knee);
    writer_open(writer, "steps", '[');
    for (size_t i = search_words_step(run, found, 0); i < run->count;
         i = search_words_step(run, found, i + 1))
        add_step(writer, &run->step[i]);
    writer_close(writer, ']');
    writer_close(writer, '}');
    text_clear(&label);
}

void page_search_add(struct writer *writer, const struct report *report)
{
    writer_open(writer, "search", '[');
    for (size_t i = 0; i < report->runs; i++) {
        for (size_t k = 0; k < report->run[i].searched; k++)
            add_row(writer, &report->run[i], &report->run[i].search[k]);
    }
    writer_close(writer, ']');
}
