#include "record/search.h"

#include <math.h>

const char *const search_by_columns[SEARCH_BYS] = {"qps", "concurrent_requests", "trace_speed"};
const char *const search_by_results[SEARCH_BYS] = {"max_qps", "max_concurrent_requests",
                                                   "max_trace_speed"};
const char *const search_by_units[SEARCH_BYS] = {"qps", "concurrent requests",
                                                 "times the trace's speed"};
const char *const search_by_axes[SEARCH_BYS] = {"requests/s", "requests at once",
                                                "× the trace's speed"};

double search_qps(const struct search_found *found, double load)
{
    return found->by == SEARCH_BY_QPS           ? load
           : found->by == SEARCH_BY_TRACE_SPEED ? load * found->trace_qps
                                                : NAN;
}
