#include "record/health.h"

const char *const measurement_verdict_words[] = {"valid", "degraded", "invalid: client-limited",
                                                 NULL};
