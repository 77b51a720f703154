/* The policy of a release qualification: a YAML file that says what a candidate must keep.
 *
 *     min_requests: 20                      # completed, of each row on each side
 *     checks:
 *       - rows: "*70B*"                     # by a row's name; "*" where nothing is given
 *         limits:
 *           client_ttft_s_p50: {margin: 0.05}            # worse by at most so much
 *           client_ttft_s_p99: {max: 2.0}
 */
#ifndef PLAN_POLICY_H
#define PLAN_POLICY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/error.h"
#include "core/setting.h"
#include "record/metric.h"
#include "record/objective.h"
#include "record/telemetry.h"

/* What a limit is about. */
enum measure_kind {
    MEASURE_METRIC, /* a statistic of a metric, as columns are named: "client_ttft_s_p99" */
    MEASURE_ERROR_RATE,
    MEASURE_GOODPUT_SHARE, /* by the policy's own slo */
    MEASURE_GOODPUT,       /* requests per second */
    MEASURE_THROUGHPUT,    /* client_total_output_throughput */
    MEASURE_SWITCH,        /* what a switch to the row cost, of the visits that paid */
    MEASURE_SWITCH_SHARE,  /* how many of the visits paid */
    MEASURE_SWITCH_VISIT,  /* seconds of a visit: the share × the cost, 0 where none paid */
    MEASURE_MAX_QPS,       /* of a row that was searched: the highest load that keeps slo */
    MEASURE_MAX_AT_ONCE,
    MEASURE_SERVER, /* what the server told during the row: "server_waiting_max" */
};

struct measure {
    char *name; /* owned */
    enum measure_kind kind;
    enum metric metric;
    enum telemetry_figure server;
    double quantile; /* 0.5 of a p50; NAN: the mean */
    bool lower_is_better;
    bool margin_in_points; /* of a share that may be 0: a difference, no ratio */
    const char *unit;
};

struct policy_limit {
    struct measure measure;
    double margin, least, most; /* NAN: nothing is given */
    char *rows;                 /* pattern of its check; owned */
};

struct policy {
    int64_t min_requests, min_runs;
    double confidence;
    int64_t resamples, seed;
    bool require_valid;
    char *slo, *models; /* JSON objects, as they stand there, and what comes of them: */
    struct objectives objectives;
    struct setting_list checks; /* of what the table reads */
    struct policy_limit *limit; /* owned */
    size_t limits;
    struct yaml *document;
};

/* The table that policy_read, help and manual are made from. */
extern const struct setting policy_table[];

/* Reads and checks the file at `path`, or the program's own of the name "policy:…"
 * (core/shipped.h). Adds every fault it finds. Clear `policy` either way. */
bool policy_read(const char *path, struct policy *policy, struct faults *faults);

/* The same from text, which sentences call `name`; that outlives the policy. */
bool policy_parse(const char *yaml, const char *name, struct policy *policy, struct faults *faults);

/* What a model of the baseline is called in the candidate. */
const char *policy_model(const struct policy *policy, const char *base);

void policy_clear(struct policy *policy);

#endif
