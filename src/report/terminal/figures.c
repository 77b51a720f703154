#include "report/terminal/figures.h"

#include <math.h>

static void print_value(FILE *out, const char *name, double value)
{
    if (isfinite(value))
        fprintf(out, "    %s = %.6g\n", name, value);
    else
        fprintf(out, "    %s: not known\n", name);
}

/* What is not known but for its bounds, is printed with these. */
static void print_quantile(FILE *out, int i, const struct metric_summary *summary,
                           const struct metric_bounds *bounds)
{
    char name[16];

    snprintf(name, sizeof name, "p%d", metric_percent[i]);
    if (isnan(summary->quantile[i]) && bounds)
        fprintf(out, "    %s: %.6g to %.6g\n", name, bounds->low[i], bounds->high[i]);
    else
        print_value(out, name, summary->quantile[i]);
}

/* `bounds` may be NULL. */
static void print_metric(FILE *out, const char *key, const char *unit,
                         const struct metric_summary *summary, const struct metric_bounds *bounds)
{
    fprintf(out, "  %s%s%s%s\n", key, unit[0] ? " (" : "", unit, unit[0] ? ")" : "");
    for (int i = 0; i < METRIC_QUANTILES; i++)
        print_quantile(out, i, summary, bounds);
    print_value(out, "mean", summary->mean);
    print_value(out, "min", summary->least);
    print_value(out, "max", summary->most);
    if (isfinite(summary->stddev))
        fprintf(out, "    stddev = %.6g\n", summary->stddev);
}

void figures_print(FILE *out, const struct step *step)
{
    for (int i = 0; i < METRIC_COUNT; i++) {
        if (metric_table[i].summarised && step->metric[i].count)
            print_metric(out, metric_table[i].key, metric_table[i].unit, &step->metric[i],
                         i == METRIC_CLIENT_MEAN_INTER_TOKEN_LATENCY_S ? &step->mean_gap_bounds
                                                                       : NULL);
    }
    if (step->gap.count > 0)
        print_metric(out, "client_gap_s", "s", &step->gap, &step->gap_bounds);
    if (step->gap_per_token.count > 0)
        print_metric(out, "client_gap_per_token_s", "s", &step->gap_per_token,
                     &step->gap_per_token_bounds);
    fprintf(out, "  Number Of Errored Requests: %zu\n", step->errors);
    if (isfinite(step->client_total_output_throughput))
        fprintf(out, "  Overall Output Throughput: %.6g tokens/s\n",
                step->client_total_output_throughput);
    fprintf(out, "  Number Of Completed Requests: %zu\n", step->completed);
    if (isfinite(step->completed_per_min))
        fprintf(out, "  Completed Requests Per Minute: %.6g\n", step->completed_per_min);
}
