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
#include "record/switch.h"

enum step_end {
    STEP_DONE,        /* every request was sent and ended */
    STEP_TIMED_OUT,   /* `timeout` ended it */
    STEP_INTERRUPTED, /* a person or a signal ended it */
    STEP_STOPPED,     /* max_consecutive_errors ended it: everything failed */
};
extern const char *const step_end_words[];

struct error_count {
    char code[24]; /* "429" or one of request_end_words */
    bool is_status;
    size_t count;
    char example[256]; /* the first one's sentence; "" where it is not known */
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
    size_t prompts_cached; /* prompts of which a cache knew more than the template, unasked */
    double output_share;   /* output tokens, of those asked of completed requests */
};

/* The requests of a step stand in two parts. */
enum step_part { STEP_LOAD, STEP_PROBE, STEP_PARTS };

struct step {
    size_t index;   /* 0, 1 … in the order of the run */
    size_t attempt; /* at the step, from 1: one more each time a run that was cut off is gone on
                     * with; 0: not known */
    char *name;     /* file names begin with it; owned */
    struct row row; /* what was asked */
    int64_t timestamp_s; /* Unix time of the step's end */
    enum step_end end;
    size_t pass;      /* of the order, from 1; 0: a warm-up, or not known */
    long predecessor; /* the index of the step that ran just before; −1: not known */
    bool
        follows_cut_short; /* the step before was cut short, so the server may have been busy yet */
    size_t probe_started, probe_completed; /* requests before the load, outside all its figures */
    size_t connections_opened_ahead;
    struct health health;
    double journal_wait_s;    /* how long sending waited for the journal; 0 is what it should be */
    size_t journal_fill_most; /* the most requests that stood in line for the journal */
    size_t started, completed, errors; /* requests, by their last attempt */
    size_t retries;                    /* attempts besides one for each */
    size_t non_streaming;              /* answers that came whole, so without a TTFT */
    bool insecure;                     /* no certificate was checked */
    struct error_count *error;         /* most frequent first; owned */
    size_t error_kinds;
    double wall_s; /* first send to last end */
    double client_total_output_throughput;
    double mean_output_throughput;
    double completed_per_min;
    struct metric_summary metric[METRIC_COUNT];
    struct batch_count *batch; /* ascending; owned */
    size_t batches;
    bool batches_from_server;         /* batch_size_used, else estimated from equal server TTFTs */
    double representative_batch_size; /* NAN where no size covers more than half */
    double goodput_requests_per_s;    /* completed ones that keep every limit of `slo`; NAN: none is
                                       * stated */
    double goodput_share;             /* of the requests that were started; NAN: the same */
    double call_share;    /* of all calls that go to its model, by call_mix; NAN: none is stated */
    char *configuration;  /* what its row may load, by the bundle file: "gpt-oss-120b-8k-BS1, BS8";
                           * NULL: not known; owned */
    double weight_gb;     /* of the row's expert, by the bundle file; NAN: not known */
    double node_gb_per_s; /* how fast the node is said to load it; NAN: not known */
    struct switching switching;
    double switching_time_largest_batch_s; /* by the kit's later rule; NAN: not known */
    struct switch_evidence evidence;       /* of the switch to this step, and … */
    struct switch_estimate estimate; /* … what is concluded; only once steps are read back */
    struct fidelity fidelity;
};

void step_clear(struct step *step);

#endif
