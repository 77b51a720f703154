#include "report/terminal/figures.h"

#include <math.h>

static void print_metric(FILE *out, const char *key, const char *unit,
                         const struct metric_summary *summary)
{
    fprintf(out, "  %s%s%s%s\n", key, unit[0] ? " (" : "", unit, unit[0] ? ")" : "");
    for (int i = 0; i < METRIC_QUANTILES; i++)
        fprintf(out, "    p%d = %.6g\n", metric_percent[i], summary->quantile[i]);
    fprintf(out, "    mean = %.6g\n    min = %.6g\n    max = %.6g\n", summary->mean, summary->least,
            summary->most);
    if (isfinite(summary->stddev))
        fprintf(out, "    stddev = %.6g\n", summary->stddev);
}

void figures_print(FILE *out, const struct step *step)
{
    for (int i = 0; i < METRIC_COUNT; i++) {
        if (metric_table[i].summarised && step->metric[i].count)
            print_metric(out, metric_table[i].key, metric_table[i].unit, &step->metric[i]);
    }
    if (step->gap_per_token.count > 0)
        print_metric(out, "client_gap_per_token_s", "s", &step->gap_per_token);
    fprintf(out, "  Number Of Errored Requests: %zu\n", step->errors);
    if (isfinite(step->client_total_output_throughput))
        fprintf(out, "  Overall Output Throughput: %.6g tokens/s\n",
                step->client_total_output_throughput);
    fprintf(out, "  Number Of Completed Requests: %zu\n", step->completed);
    if (isfinite(step->completed_per_min))
        fprintf(out, "  Completed Requests Per Minute: %.6g\n", step->completed_per_min);
}
