/* A release held against another: what each line of a policy says of each row, and of all together.
 * Plain data, no logic. */
#ifndef RECORD_QUALIFICATION_H
#define RECORD_QUALIFICATION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "record/row.h"

enum qualification_verdict {
    QUALIFICATION_PASS,
    QUALIFICATION_PASS_ONE_RUN, /* what differs between runs is not in it */
    QUALIFICATION_IMPROVED,
    QUALIFICATION_REGRESSED,
    QUALIFICATION_OVER_LIMIT,
    QUALIFICATION_INCONCLUSIVE,
    QUALIFICATION_TOO_FEW, /* requests or runs */
    QUALIFICATION_INVALID, /* the client was the limit of a measurement */
    QUALIFICATION_MISSING, /* the row, or what is to be looked at, on one side */
    QUALIFICATION_VERDICTS
};
extern const char *const qualification_verdict_words[QUALIFICATION_VERDICTS];

/* Whether it lets a release through. */
bool qualification_passes(enum qualification_verdict verdict);

/* One side of a line. */
struct qualification_side {
    double value; /* NAN: there is none */
    size_t runs, requests;
};

struct qualification_line {
    const struct row *row;
    const char *measure; /* "client_ttft_s_p50"; of a row that is missing, "row" */
    const char *unit;
    enum qualification_verdict verdict;
    char reason[320]; /* a sentence, where it does not pass, or what to know where it does */
    struct qualification_side base, candidate;
    bool by_difference;       /* what the change is: candidate − base, or candidate ÷ base */
    bool margin_in_points;    /* the margin is such a difference too, of shares */
    double change, low, high; /* with its interval; NAN: not compared */
    double p_adjusted; /* of as much without a regression, over all lines (Holm); NAN: the same */
    double margin, least, most; /* what the policy allows; NAN: nothing is given */
    double wall_s; /* that the candidate's row was measured, shared evenly by the row's lines */
};

/* What differs between the sides' manifests. */
struct qualification_difference {
    const char *key, *base, *candidate; /* "" where one side does not say it */
};

/* A run of a side; not owned. */
struct qualification_run {
    const char *name, *started_utc; /* NULL: not known */
};

struct qualification {
    const char *base, *candidate; /* as they were named */
    size_t base_runs, candidate_runs;
    struct qualification_run *base_run, *candidate_run; /* each of them; owned; NULL: not said */
    const char *host;  /* that the candidate's first run measured from; NULL: not known */
    int64_t started_s; /* the first of the candidate's runs, since 1970; 0: not known */
    const char *policy;
    char policy_sha256[65];
    double confidence;
    struct qualification_line *line; /* those that do not pass first; owned */
    size_t lines;
    size_t count[QUALIFICATION_VERDICTS];
    bool pass;
    bool by_requests; /* somewhere a single run stands for a side: its requests are the unit */
    struct qualification_difference *difference; /* owned */
    size_t differences;
    struct qualification_difference *server; /* in what the servers say of themselves; owned */
    size_t servers;
};

#endif
