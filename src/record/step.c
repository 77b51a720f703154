#include "record/step.h"

#include <stdlib.h>

const char *const step_end_words[] = {"done", "timed out", "interrupted", "stopped early", NULL};

const char *const switching_verdict_words[] = {"found",
                                               "none",
                                               "too few requests",
                                               "first request failed",
                                               "rows in parallel",
                                               "warm-up",
                                               "probed in bursts",
                                               "first request was retried",
                                               NULL};

void step_clear(struct step *step)
{
    free(step->name);
    free(step->configuration);
    free(step->error);
    free(step->batch);
    switch_evidence_clear(&step->evidence);
    row_clear(&step->row);
    *step = (struct step){0};
}
