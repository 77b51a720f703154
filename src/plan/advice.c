#include "plan/advice.h"

#include <math.h>
#include <string.h>

static bool same_request(const struct row *a, const struct row *b)
{
    return strcmp(a->model_name, b->model_name) == 0 && a->input_tokens == b->input_tokens &&
           a->output_tokens == b->output_tokens && a->num_requests == b->num_requests &&
           a->concurrent_requests == b->concurrent_requests && a->qps == b->qps &&
           a->qps_distribution == b->qps_distribution &&
           a->multimodal_img_size == b->multimodal_img_size;
}

void advice_on_rows(const struct rows *rows, const char *file, struct faults *warnings)
{
    for (size_t i = 0; i < rows->count; i++) {
        const struct row *row = &rows->row[i];

        if (row->concurrent_requests && row->num_requests <= row->concurrent_requests)
            faults_add(warnings, file, row->line,
                       "cannot show a switch: num_requests (%lld) is not above "
                       "concurrent_requests (%lld), so no request runs after the first wave",
                       (long long)row->num_requests, (long long)row->concurrent_requests);
        for (size_t j = 0; j < i; j++) {
            if (same_request(row, &rows->row[j])) {
                faults_add(warnings, file, row->line, "asks for the same as line %d",
                           rows->row[j].line);
                break;
            }
        }
    }
}

double advice_row_seconds(const struct row *row)
{
    double answer = ADVICE_TTFT_S + (double)row->output_tokens / ADVICE_TOKENS_PER_S;

    if (!row->concurrent_requests)
        return (double)(row->num_requests - 1) / row->qps + answer;
    return ceil((double)row->num_requests / (double)row->concurrent_requests) * answer;
}

struct advice_totals advice_total(const struct rows *rows, const struct settings *settings)
{
    struct advice_totals totals = {0};

    for (size_t i = 0; i < rows->count; i++) {
        const struct row *row = &rows->row[i];

        totals.requests += row->num_requests;
        totals.input_tokens += row->num_requests * row->input_tokens;
        totals.output_tokens += row->num_requests * row->output_tokens;
        totals.seconds += fmin(advice_row_seconds(row), settings->timeout_s);
    }
    if (rows->count > 1)
        totals.seconds += (double)(rows->count - 1) * settings->time_delay_s;
    return totals;
}
