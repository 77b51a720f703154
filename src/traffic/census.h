/* What a trace holds, counted in one reading: for people who look at it, and for a plan that sends
 * it. Memory does not grow with the number of requests. */
#ifndef TRAFFIC_CENSUS_H
#define TRAFFIC_CENSUS_H

#include <stdbool.h>
#include <stddef.h>

#include "core/error.h"
#include "traffic/id_set.h"
#include "traffic/token_counts.h"
#include "traffic/trace.h"

enum { CENSUS_PARTS = 48 };

/* Requests over time: so many parts of equal width, which doubles as the trace goes on. */
struct census_time {
    size_t requests[CENSUS_PARTS];
    size_t parts;   /* that have begun */
    double width_s; /* a power of two, of milliseconds */
};

struct census_model {
    char *name; /* owned */
    size_t requests, first_line;
    double input_tokens, output_tokens; /* sums */
    int64_t longest;                    /* input and output of one request together */
};

struct census {
    const char *format;
    size_t spread; /* requests that shared a whole second, and are spread over it */
    size_t requests;
    struct trace_left_out left_out;
    double first_s, last_s; /* the moments of the first request and the last */
    struct census_time time;
    double gap_sum, gap_squares; /* of the gaps between requests, in seconds */
    struct token_counts input, output;
    int64_t longest;            /* input and output of one request together */
    struct census_model *model; /* in the order of their first lines; none where none are named */
    size_t models;
    struct id_set sessions;                  /* different ones */
    size_t in_sessions;                      /* requests that name one */
    int64_t turns_most;                      /* the highest turn that a line tells; 0: none does */
    struct id_set block;                     /* different ones */
    size_t blocks, blocks_seen, with_blocks; /* in all, those that had come before, requests */
};

/* Reads the trace to the window's end. False with a sentence that names file and line; so is a
 * window in which there is no request. Clear it either way. */
bool census_take(struct census *census, const char *path, const struct trace_window *window,
                 struct error *error);

/* From the first request's moment to the last's, in seconds; and requests per second over that: its
 * gaps over its span, NAN of a single request. */
double census_span_s(const struct census *census);
double census_rate(const struct census *census);

/* The rate of part `index`, in requests per second, and the highest of all. Of the last part by the
 * time that it covers, but no less than half its width. */
double census_part_rate(const struct census *census, size_t index);
double census_peak_rate(const struct census *census);

/* The coefficient of variation of the gaps, 1 of random arrivals (Poisson); NAN where more than one
 * request in a hundred is
 * spread, which makes gaps of its own, or there are fewer than two gaps. */
double census_gap_variation(const struct census *census);

void census_clear(struct census *census);

#endif
