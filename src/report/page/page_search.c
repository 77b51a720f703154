#include "report/page/page_search.h"

#include <math.h>

#include "report/search_visits.h"
#include "report/search_words.h"

/* Their places in metric_percent. */
enum { P50_AT = 2, P99_AT = 6 };

static void add_member(struct writer *writer, const struct step *step)
{
    const struct metric_summary *ttft = &step->metric[METRIC_CLIENT_TTFT_S];

    writer_open(writer, NULL, '{');
    writer_add_number(writer, "ttft_p50_s", ttft->count > 0 ? ttft->quantile[P50_AT] : NAN);
    writer_add_number(writer, "ttft_p99_s", ttft->count > 0 ? ttft->quantile[P99_AT] : NAN);
    writer_close(writer, '}');
}

static void add_visit(struct writer *writer, const struct search_visit *visit)
{
    writer_open(writer, NULL, '{');
    writer_add_number(writer, "step", (double)visit->step->index + 1);
    writer_add_number(writer, "load", visit->load);
    writer_add_number(writer, "requests", visit->requests);
    writer_add_number(writer, "goodput_share", visit->goodput_share);
    writer_add_number(writer, "goodput_requests_per_s", visit->goodput_requests_per_s);
    writer_add_number(writer, "throughput", visit->throughput);
    writer_open(writer, "members", '[');
    for (size_t i = 0; i < visit->members; i++)
        add_member(writer, &visit->step[i]);
    writer_close(writer, ']');
    writer_close(writer, '}');
}

/* Of a mix its rows; of a row itself. */
static void add_labels(struct writer *writer, const struct search_visit *visit)
{
    writer_open(writer, "members", '[');
    for (size_t i = 0; i < visit->members; i++) {
        struct text label = {0};

        search_words_member(&visit->step[i], &label);
        writer_open(writer, NULL, '{');
        writer_add_text(writer, "label", label.bytes);
        writer_add_text(writer, "model", visit->step[i].row.model_name);
        writer_close(writer, '}');
        text_clear(&label);
    }
    writer_close(writer, ']');
}

static void add_visits(struct writer *writer, const struct results *run,
                       const struct search_found *found)
{
    struct search_visit first = {0}, visit;
    size_t at = 0;

    search_visit_next(run, found, &at, &first);
    add_labels(writer, &first);
    writer_open(writer, "steps", '[');
    for (at = 0; search_visit_next(run, found, &at, &visit);)
        add_visit(writer, &visit);
    writer_close(writer, ']');
}

static void add_row(struct writer *writer, const struct results *run,
                    const struct search_found *found)
{
    struct text label = {0};

    search_words_row(run, found, &label);
    writer_open(writer, NULL, '{');
    writer_add_text(writer, "run", run->name);
    writer_add_text(writer, "label", label.bytes);
    writer_add_text(writer, "unit", search_by_axes[found->by]);
    writer_add_text(writer, "end", found->end);
    writer_add_text(writer, "sentence", found->sentence);
    writer_add_number(writer, "found", found->load);
    writer_add_number(writer, "low", found->low);
    writer_add_number(writer, "high", found->high);
    writer_add_number(writer, "knee", found->knee);
    add_visits(writer, run, found);
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
