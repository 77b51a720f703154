#include "record/step.h"

#include <math.h>
#include <stdlib.h>

const struct fidelity fidelity_unknown = {.prompt_error_tokens_max = NAN,
                                          .output_share = NAN,
                                          .prompts_cut_to_tokens = NAN,
                                          .context_tokens = NAN};

const enum metric step_window_metrics[STEP_WINDOW_METRICS] = {
    METRIC_CLIENT_TTFT_S, METRIC_CLIENT_MEAN_INTER_TOKEN_LATENCY_S};

const char *const step_end_words[] = {"done", "timed out", "interrupted", "stopped early", NULL};

const char *const switching_verdict_words[] = {"found",
                                               "none",
                                               "too few requests",
                                               "first request failed",
                                               "rows in parallel",
                                               "warm-up",
                                               "probed in bursts",
                                               "first request was retried",
                                               "spread over addresses",
                                               "mixed",
                                               "endpoint shared",
                                               NULL};

double step_median(const struct step *step, enum metric metric)
{
    return step->metric[metric].count ? step->metric[metric].quantile[2] : NAN;
}

void step_clear(struct step *step)
{
    free(step->name);
    free(step->configuration);
    free(step->error);
    free(step->finish.reason);
    free(step->batch);
    free(step->turn);
    free(step->rank);
    switch_measurement_clear(&step->measurement);
    server_state_clear(&step->state);
    row_clear(&step->row);
    *step = (struct step){0};
}
