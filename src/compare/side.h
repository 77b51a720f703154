/* One side of a comparison: the runs of a release, and the values of each row's requests. */
#ifndef COMPARE_SIDE_H
#define COMPARE_SIDE_H

#include "plan/policy.h"
#include "report/runs.h"

/* What the server told of a figure, over the visits in which it did. */
struct side_server {
    double total, most;
    size_t visits;
};

/* A row in one run, over all its visits there. */
struct side_run {
    size_t visits;                    /* 0: the run does not have it */
    const struct search_found *found; /* of a row that was searched; NULL: it was not */
    size_t requests, completed;
    double wall_s, output_tokens;
    double *value[METRIC_COUNT]; /* of completed requests; owned */
    size_t count[METRIC_COUNT];
    bool gaps_unknown; /* of a completed request, the mean is known within bounds only */
    double *good;      /* 1 or 0 of each request, by the policy's slo; owned */
    struct side_server server[TELEMETRY_FIGURES];
    bool invalid; /* a visit measured the client; then also … */
    const char *why;
    bool cut_short;
};

struct side_row {
    const struct row *row;
    bool searched, open_loop;        /* its run is a search, at many loads; by rate */
    struct row *own;                 /* what `row` is then, without a load; owned */
    struct side_run *run;            /* as many as the side has; owned */
    const struct study_group *study; /* NULL: no visit is in the study */
    const char *lost; /* a file of a visit is broken: which, and why; NULL: none is */
};

struct side {
    const char *name; /* as it was named */
    struct runs runs;
    struct side_row *row; /* in the order they first ran; owned */
    size_t rows;
    const char *lost; /* the same of a visit whose row is not known */
};

/* Reads run directories, and folders of them (`paths` ends with NULL), as a side of that name,
 * which must outlive it; false with a sentence, also where one of them is a copy of another. Clear
 * `side` either way. */
bool side_read(char **paths, const char *name, const struct policy *policy, struct side *side,
               struct error *error);

/* Whether no run of one side is, by copies.h, a run of the other; else a sentence. */
bool side_are_apart(const struct side *base, const struct side *candidate, struct error *error);

/* Completed requests of a row, and the runs that have it. */
size_t side_completed(const struct side *side, const struct side_row *row);
size_t side_runs(const struct side *side, const struct side_row *row);

void side_clear(struct side *side);

#endif
