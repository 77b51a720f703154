#include "report/page/page_rows.h"

#include <math.h>
#include <stdio.h>

#include "report/page/page_requests.h"
#include "report/page/page_study.h"
#include "report/terminal/terminal.h"

enum { NAME = 512 };

static const char *const keys[SWITCH_SOURCES][BATCH_FIGURES] = {
    [SWITCH_SERVER] = {"server_ttft_s", "server_end_to_end_latency_s", "server_output_token_per_s"},
    [SWITCH_CLIENT] = {"client_ttft_s", "client_end_to_end_latency_s", "client_output_token_per_s"},
};

/* What rows have in common that differ in their load alone, and the load. */
static void add_asked(struct writer *writer, const struct row *row)
{
    char tokens[NAME], load[NAME];

    terminal_tokens(row, tokens, sizeof tokens);
    terminal_load(row, load, sizeof load);
    page_study_add_row(writer, "label", row);
    writer_add_text(writer, "model", row->model_name);
    writer_add_text(writer, "mix", row->mix ? row->mix : "");
    writer_add_text(writer, "tokens", tokens);
    writer_add_text(writer, "image", row_image_names[row->multimodal_img_size]);
    writer_add_text(writer, "load", load);
    writer_add_number(writer, "concurrent_requests",
                      row->concurrent_requests > 0 ? (double)row->concurrent_requests : NAN);
    writer_add_number(writer, "qps", row->qps > 0 ? row->qps : NAN);
}

void page_rows_add(struct writer *writer, const struct pools *pools)
{
    writer_open(writer, "rows", '[');
    for (size_t i = 0; i < pools->count; i++) {
        const struct pool *pool = &pools->pool[i];

        writer_open(writer, NULL, '{');
        add_asked(writer, pool->row);
        writer_add_number(writer, "visits", (double)pool->visits);
        writer_add_number(writer, "requests", (double)pool->requests);
        writer_add_number(writer, "client_total_output_throughput", pool->throughput);
        for (int source = 0; source < SWITCH_SOURCES; source++) {
            for (int figure = 0; figure < BATCH_FIGURES; figure++)
                page_requests_add_range(writer, keys[source][figure],
                                        &pool->figure[source][figure]);
        }
        writer_close(writer, '}');
    }
    writer_close(writer, ']');
}

void page_rows_add_tokens(struct writer *writer, const struct series *series)
{
    writer_open(writer, "tokens", '{');
    writer_add_number(writer, "width_s", series->width_s);
    writer_open(writer, "amount", '[');
    for (size_t i = 0; i < series->bins; i++)
        writer_add_number(writer, NULL, series->amount[i]);
    writer_close(writer, ']');
    writer_close(writer, '}');
}
