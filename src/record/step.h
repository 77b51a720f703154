/* A step: one visit of a row, summed up. Everything the summary file, the workbook and the terminal
 * tell of it. Counts and measurements that are not known are NAN. Plain data, no logic. */
#ifndef RECORD_STEP_H
#define RECORD_STEP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "record/health.h"
#include "record/metric.h"
#include "record/row.h"
#include "record/search.h"
#include "record/state.h"
#include "record/step_rank.h"
#include "record/switch.h"
#include "record/telemetry.h"
#include "record/turn.h"

enum step_end {
    STEP_DONE,        /* every request was sent and ended */
    STEP_TIMED_OUT,   /* `timeout` ended it */
    STEP_INTERRUPTED, /* a person or a signal ended it */
    STEP_STOPPED,     /* max_consecutive_errors ended it: everything failed */
};
extern const char *const step_end_words[];

enum { ERROR_CODE = 160 };

struct error_count {
    char code[ERROR_CODE]; /* "429" or one of request_end_words; of the starter kit, a sentence */
    bool is_status;
    size_t count;
    char example[256]; /* the first one's sentence; "" where it is not known */
};

/* How often completed requests ended by a finish reason. */
struct reason_count {
    char reason[32];
    size_t count;
};

enum { ENDS_KINDS_MOST = 32 }; /* different reasons, "other" apart */

struct finish_counts {
    struct reason_count *reason; /* most frequent first; owned */
    size_t kinds;
};

struct batch_count {
    double size; /* a whole number, but the server's word for it */
    size_t requests;
};

/* Section 9's rule: a switch, none, or why there is no estimate. */
enum switching_verdict {
    SWITCHING_FOUND,
    SWITCHING_NONE,
    SWITCHING_TOO_FEW,      /* fewer than two requests besides the first completed */
    SWITCHING_FIRST_FAILED, /* the first request sent did not complete */
    SWITCHING_PARALLEL,     /* rows ran beside each other */
    SWITCHING_WARMUP,       /* a warm-up row is kept out of every estimate */
    SWITCHING_BURST,        /* a burst of probes has no first request: see the estimate */
    SWITCHING_RETRIED,      /* the first request was sent again */
    SWITCHING_SPREAD,       /* requests went to several addresses, each with its own memory */
    SWITCHING_MIXED,        /* its row ran together with others, in a mix */
    SWITCHING_SHARED,       /* something else used the endpoint meanwhile */
};
extern const char *const switching_verdict_words[];

struct switching {
    enum switching_verdict verdict;
    double time_s;    /* NAN unless found */
    bool from_server; /* server TTFT, else the client's */
};

/* Whether the server got what the row asks for. */
struct fidelity {
    double prompt_error_tokens_max; /* the counted prompt that is furthest from its length: counted
                                     * less asked; NAN where nothing was counted */
    size_t prompts_off;             /* prompts that miss their length by more than is tolerated */
    size_t prompts_cached;      /* prompts of which a cache knew more than the template, unasked */
    double output_share;        /* output tokens, of those asked of completed requests */
    size_t prompts_unconfirmed; /* made to a length that no count stands behind: neither the
                                 * response's nor one that was learned before */
    size_t prompts_cut;         /* prompts that the server cut to its context … */
    double prompts_cut_to_tokens; /* … which it counted of each; NAN: none */
    size_t responses_cut;         /* that ended where prompt and response reach the context … */
    double context_tokens;        /* … of so many tokens; NAN: not asked for, or not known */
};

/* Of which nothing is known. */
extern const struct fidelity fidelity_unknown;

/* Metrics that are summed up, besides, over the time in which all places were in use
 * (stats/window.h). */
enum { STEP_WINDOW_METRICS = 2 };
extern const enum metric step_window_metrics[STEP_WINDOW_METRICS];

/* The requests of a step stand in parts; those of warm-up and cool-down are one. */
enum step_part { STEP_LOAD, STEP_PROBE, STEP_PHASES, STEP_PARTS };

struct step {
    size_t index;   /* 0, 1 … in the order of the run */
    size_t attempt; /* at the step, from 1: one more each time a run that was cut off is resumed; 0:
                       not known */
    char *name;     /* file names begin with it; owned */
    struct row row; /* what was asked */
    const struct search_found
        *search; /* what the search came to that it is a step of; NULL: none, or not known */
    int64_t timestamp_s; /* Unix time of the step's end */
    enum step_end end;
    size_t pass;      /* of the order, from 1; 0: a warm-up, or not known */
    long predecessor; /* the index of the step that ran just before; −1: not known */
    bool
        follows_cut_short; /* the step before was cut short, so the server may have been busy yet */
    size_t probe_started, probe_completed; /* requests before the load, outside all its figures */
    size_t phase_started, phase_completed; /* the same of its warm-up and its cool-down */
    size_t connections_opened_ahead;
    struct health health;
    double journal_wait_s;    /* how long sending waited for the journal; 0 is what it should be */
    size_t journal_fill_most; /* the most requests that stood in line for the journal */
    size_t started, completed, errors; /* requests, by their last attempt */
    size_t retries;                    /* attempts besides one for each */
    size_t local_failures; /* attempts, probes among them, that this machine made impossible */
    size_t non_streaming;  /* responses that came whole, so without a TTFT */
    size_t at_once;        /* responses of many tokens, all of which came in one read */
    size_t announced;      /* completed requests that began with announcements, … */
    size_t without_text;   /* … whose first token has no text; the probe's too */
    struct finish_counts finish; /* of the row's own requests */
    size_t stopped_at_length; /* of these, by their reason ended early, with all tokens asked for */
    bool ignore_eos;          /* exactly the output tokens were asked for */
    bool insecure;            /* no certificate was checked */
    struct error_count *error; /* most frequent first; owned */
    size_t error_kinds;
    double wall_s; /* first send to last end */
    double client_total_output_throughput;
    double mean_output_throughput;
    double window_output_throughput; /* tokens/s while all places were in use; NAN: not known */
    struct metric_summary window[STEP_WINDOW_METRICS]; /* of that time; none in open loop */
    double completed_per_min;
    struct metric_summary metric[METRIC_COUNT];
    struct turn_figures *turn; /* of a row of sessions, turn by turn from the first; owned */
    size_t turns;              /* how many these are */
    size_t turns_not_sent;     /* of sessions that ended before them */
    struct metric_bounds mean_gap_bounds; /* of client_mean_inter_token_latency_s */
    struct metric_summary gap;            /* s: gaps between chunks, of all requests */
    struct metric_bounds gap_bounds;
    struct metric_summary gap_per_token; /* s: the same ÷ tokens */
    struct metric_bounds gap_per_token_bounds;
    struct batch_count *batch; /* ascending; owned */
    size_t batches;
    bool batches_from_server;         /* batch_size_used, else estimated from equal server TTFTs */
    double representative_batch_size; /* NAN where no size covers more than half */
    double goodput_requests_per_s;    /* completed ones that keep every limit of `slo`; NAN: none is
                                       * stated */
    double goodput_share;             /* of the requests that were started; NAN: the same */
    double call_share;     /* of all calls that go to its model, by call_mix; NAN: none is stated */
    double call_rate;      /* calls/s of that mix, to all models; NAN: it is not stated */
    double calls_in_a_row; /* that each draw of a model brings, on average; NAN: it is not known */
    char *configuration;   /* what its row may load, by the bundle file: "gpt-oss-120b-8k-BS1, BS8";
                            * NULL: not known; owned */
    double weight_gb;      /* of the row's expert, by the bundle file; NAN: not known */
    double node_gb_per_s;  /* how fast the bundle file has the node load it; NAN: not known */
    struct switching switching;
    double switching_time_largest_batch_s; /* by the kit's later rule; NAN: not known */
    struct switch_measurement measurement; /* of the switch to this step, and … */
    struct switch_estimate estimate; /* … what is concluded; only once steps are read back */
    struct fidelity fidelity;
    struct step_rank *rank;             /* of a step that several ranks shared, one each; owned */
    size_t ranks;                       /* how many these are; 0: one process ran it */
    struct telemetry_figures telemetry; /* without polls: nobody was asked */
    struct server_state state;          /* by the server's own word; what was done before it */
};

/* The median of a metric over the step's requests; NAN where none had it. */
double step_median(const struct step *step, enum metric metric);

void step_clear(struct step *step);

#endif
