#include "record/health.h"

#include <math.h>

const char *const measurement_verdict_words[] = {"valid", "degraded", "invalid: client-limited",
                                                 NULL};

const struct health health_unknown = {.read_lateness_p50_s = NAN,
                                      .read_lateness_p99_s = NAN,
                                      .read_lateness_max_s = NAN,
                                      .kernel_stamped_share = NAN,
                                      .coalesced_share = NAN,
                                      .clock_uncertainty_s = NAN};
