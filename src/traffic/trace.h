/* A trace: requests as they came somewhere, from a file, one line after another.
 *
 * Formats are told by what stands in the first line:
 *
 *   Mooncake   JSON lines: timestamp (ms), input_length, output_length[, hash_ids]
 *              (github.com/kvcache-ai/Mooncake, FAST25-release/traces)
 *   Azure      CSV: TIMESTAMP,ContextTokens,GeneratedTokens, a date and time of day
 *              (github.com/Azure/AzurePublicDataset, AzureLLMInferenceDataset2023)
 *   BurstGPT   CSV: Timestamp,[Session ID,Elapsed time,]Model,Request tokens,Response tokens,
 *              Total tokens,Log Type, in seconds (github.com/HPMLL/BurstGPT)
 *   coebench   JSON lines: at_s, model, input_tokens, output_tokens[, session, turn]
 *
 * Other keys and columns are passed over. Moments count from the file's first line. Requests
 * of one whole second, which a format without parts of a second has together, are spread
 * evenly over it, or up to the next stamp where that comes sooner; in our own format moments
 * stand as they are. A line that asks for no output (BurstGPT writes so what failed there) or has
 * no input is left out and counted; whatever else is wrong with a line is a fault, and so is one
 * whose moment comes before that of the line above.
 *
 * Memory: one line, and those of the same whole second. */
#ifndef TRAFFIC_TRACE_H
#define TRAFFIC_TRACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/error.h"

/* Tokens of a hash block in Mooncake's traces. */
enum { TRACE_BLOCK_TOKENS = 512 };

/* How a trace is read: CSV columns trace_speed, trace_from_s and trace_for_s. Zeroed: all of it, as
 * fast as it came. */
struct trace_window {
    double speed;  /* moments are divided by it; 0 counts as 1 */
    double from_s; /* what comes earlier is passed over; by the file's own clock */
    double for_s;  /* and what comes later than so long behind that; 0: nothing is */
};

struct trace_request {
    size_t line;  /* in the file, from 1 */
    double at_s;  /* after the window's beginning, by the window's speed */
    size_t model; /* its place in trace_models; TRACE_NO_MODEL: the format names none */
    int64_t input_tokens, output_tokens; /* 1 or more */
    bool has_session;
    uint64_t session; /* the same number, or the same text by a 64-bit hash, is the same session */
    int64_t turn;     /* within it, from 1; 0: the format tells none */
    uint64_t *block;  /* the ids of its blocks of TRACE_BLOCK_TOKENS tokens; the trace's */
    size_t blocks;
};

#define TRACE_NO_MODEL SIZE_MAX

/* What was passed over so far. */
struct trace_left_out {
    size_t failed; /* no output */
    size_t empty;  /* no input */
    size_t before; /* before the window */
};

struct trace;

enum trace_read { TRACE_REQUEST, TRACE_END, TRACE_FAULT };

/* Opens a trace and tells its format. NULL with a sentence that names file and line. */
struct trace *trace_open(const char *path, const struct trace_window *window, struct error *error);

/* The next request, in the order of their moments; what it points to is valid until the next call.
 * TRACE_END: there is none in the window. TRACE_FAULT: one sentence with file, line and what to do;
 * nothing can be read behind it. */
enum trace_read trace_next(struct trace *trace, struct trace_request *request, struct error *error);

/* "Mooncake", "Azure", "BurstGPT" or "coebench". */
const char *trace_format(const struct trace *trace);

/* Requests so far that shared a whole second, and are spread over it. */
size_t trace_spread(const struct trace *trace);

/* The models named so far, in the order of their first lines. */
size_t trace_models(const struct trace *trace);
const char *trace_model(const struct trace *trace, size_t index);

struct trace_left_out trace_left_out(const struct trace *trace);

/* NULL is none. */
void trace_close(struct trace *trace);

#endif
