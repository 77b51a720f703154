#include "report/page/page_requests.h"

#include <math.h>
#include <stdlib.h>

#include "stats/summary.h"

/* --- Batches ---------------------------------------------------------------------------------- */

void page_requests_add_range(struct writer *writer, const char *key, const struct range *range)
{
    if (isnan(range->p50)) {
        writer_add_null(writer, key);
        return;
    }
    writer_open(writer, key, '[');
    writer_add_number(writer, NULL, range->p5);
    writer_add_number(writer, NULL, range->p50);
    writer_add_number(writer, NULL, range->p95);
    writer_close(writer, ']');
}

void page_requests_add_batches(struct writer *writer, const struct step_detail *step)
{
    static const char *const keys[SWITCH_SOURCES][BATCH_FIGURES] = {
        [SWITCH_SERVER] = {"server_ttft_s", "server_end_to_end_latency_s",
                           "server_output_token_per_s"},
        [SWITCH_CLIENT] = {"client_ttft_s", "client_end_to_end_latency_s",
                           "client_output_token_per_s"},
    };

    writer_open(writer, "batches", '[');
    for (size_t i = 0; i < step->batches; i++) {
        const struct batch_figures *batch = &step->batch[i];

        writer_open(writer, NULL, '{');
        writer_add_number(writer, "size", batch->size);
        writer_add_number(writer, "requests", (double)batch->requests);
        writer_add_number(writer, "together", batch->together);
        for (int source = 0; source < SWITCH_SOURCES; source++) {
            for (int figure = 0; figure < BATCH_FIGURES; figure++)
                page_requests_add_range(writer, keys[source][figure],
                                        &batch->figure[source][figure]);
        }
        writer_add_number(writer, "client_total_output_throughput",
                          batch->throughput[SWITCH_CLIENT]);
        writer_add_number(writer, "server_total_output_throughput",
                          batch->throughput[SWITCH_SERVER]);
        writer_close(writer, '}');
    }
    writer_close(writer, ']');
}

/* --- Requests --------------------------------------------------------------------------------- */

/* A step's requests of one part. */
struct lines {
    const struct request_line *line;
    size_t count, total;
    double began_s; /* the step's first request, since the run began */
};

typedef double line_value(const struct lines *lines, const struct request_line *line);

/* A list of one value of each request that is drawn. */
static void add_values(struct writer *writer, const char *key, const struct lines *lines,
                       line_value *value)
{
    writer_open(writer, key, '[');
    for (size_t i = 0; i < lines->count; i++) {
        if (lines->line[i].in_page)
            writer_add_number(writer, NULL, value(lines, &lines->line[i]));
    }
    writer_close(writer, ']');
}

static double start_value(const struct lines *lines, const struct request_line *line)
{
    return line->began_s - lines->began_s;
}

#define LINE_VALUE(name, member)                                                                   \
    static double name(const struct lines *lines, const struct request_line *line)                 \
    {                                                                                              \
        (void)lines;                                                                               \
        return (double)line->member;                                                               \
    }

LINE_VALUE(index_value, index)
LINE_VALUE(client_ttft_value, value[LINE_CLIENT_TTFT_S])
LINE_VALUE(client_latency_value, value[LINE_CLIENT_END_TO_END_LATENCY_S])
LINE_VALUE(client_speed_value, value[LINE_CLIENT_OUTPUT_TOKEN_PER_S])
LINE_VALUE(server_ttft_value, value[LINE_SERVER_TTFT_S])
LINE_VALUE(server_latency_value, value[LINE_SERVER_END_TO_END_LATENCY_S])
LINE_VALUE(server_speed_value, value[LINE_SERVER_OUTPUT_TOKEN_PER_S])
LINE_VALUE(batch_value, batch_size)
LINE_VALUE(exposed_value, exposed)

/* The lists of each part, by their keys. */
static const struct {
    const char *key;
    line_value *value;
} lists[] = {
    {"index", index_value},
    {"start_s", start_value},
    {"client_ttft_s", client_ttft_value},
    {"client_end_to_end_latency_s", client_latency_value},
    {"client_output_token_per_s", client_speed_value},
    {"server_ttft_s", server_ttft_value},
    {"server_end_to_end_latency_s", server_latency_value},
    {"server_output_token_per_s", server_speed_value},
    {"batch_size", batch_value},
    {"exposed", exposed_value},
};

static void add_request_errors(struct writer *writer, const struct lines *lines)
{
    char code[ERROR_CODE];

    writer_open(writer, "error", '[');
    for (size_t i = 0; i < lines->count; i++) {
        const struct request_line *line = &lines->line[i];

        if (!line->in_page)
            continue;
        if (line->end == REQUEST_COMPLETED) {
            writer_add_null(writer, NULL);
        } else if (line->code) {
            writer_add_text(writer, NULL, line->code);
        } else {
            summary_error_code(line->end, line->http_status, code, sizeof code);
            writer_add_text(writer, NULL, code);
        }
    }
    writer_close(writer, ']');
}

static void add_lines(struct writer *writer, const char *key, const struct lines *lines)
{
    writer_open(writer, key, '{');
    writer_add_number(writer, "total", (double)lines->total);
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++)
        add_values(writer, lists[i].key, lines, lists[i].value);
    add_request_errors(writer, lines);
    writer_close(writer, '}');
}

void page_requests_add(struct writer *writer, const struct step_detail *step)
{
    struct lines load = {step->line, step->lines, step->requests, step->began_s};
    struct lines probe = {step->probe, step->probes, step->probes, step->began_s};

    add_lines(writer, "requests", &load);
    add_lines(writer, "probe", &probe);
}
