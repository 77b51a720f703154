/* What a step shows of the switch to it, and what is concluded from that. Plain data, no logic.
 *
 * Exposed requests were sent before the step's first response was complete, so all of them may have
 * waited for the switch; steady ones are the rest. Times are seconds, NAN where they are not known.
 */
#ifndef RECORD_SWITCH_H
#define RECORD_SWITCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Whose TTFT: the server's own, else the client's from the send on, which also holds queueing. */
enum switch_source { SWITCH_SERVER, SWITCH_CLIENT, SWITCH_SOURCES };
extern const char *const switch_source_words[];

/* Which requests an estimate is made from. */
enum switch_method {
    SWITCH_FROM_LOAD,   /* the row's own: the first wave, or batch, against the rest */
    SWITCH_FROM_PROBE,  /* one exposed request, then steady ones, one at a time */
    SWITCH_FROM_BURSTS, /* one exposed burst, and identical ones after it */
};
extern const char *const switch_method_words[];

/* Why nothing can be measured. */
enum switch_reason {
    SWITCH_MEASURABLE,
    SWITCH_WARMUP,
    SWITCH_PARALLEL,      /* rows ran beside each other */
    SWITCH_NOTHING_SENT,  /* no request was */
    SWITCH_FIRST_FAILED,  /* the first request sent did not complete */
    SWITCH_RETRIED,       /* it was sent again: what it waited for the first time is not known */
    SWITCH_STARTED_OVER,  /* the step was cut off before, and may have loaded the row itself */
    SWITCH_ONE_REQUEST,   /* nothing to hold it against */
    SWITCH_ALL_EXPOSED,   /* requests = concurrency */
    SWITCH_STEADY_FAILED, /* no steady request completed */
    SWITCH_OTHER_BATCHES, /* no steady batch has the size of an exposed one */
    SWITCH_CACHED_PROMPT, /* a cache served some of the prompts and others not */
    SWITCH_NO_TTFT,       /* neither the server's nor the client's is known */
    SWITCH_QUEUED,        /* steady requests wait longer than exposed ones: it is a queue's time */
    SWITCH_OTHER_CLOCK,   /* most visits to the row go by another clock, which has nothing here */
    SWITCH_UNREAD,        /* the step's requests cannot be read back */
    SWITCH_NO_SPREAD,     /* nowhere two steady observations that tell how much TTFTs vary */
    SWITCH_CUT_SHORT, /* the server may have been busy with the step before, which was cut short */
    SWITCH_SPREAD,    /* requests went to several addresses, each with its own memory */
    SWITCH_MIXED,     /* its row ran together with others, in a mix */
    SWITCH_SHARED,    /* something else used the endpoint meanwhile */
    SWITCH_REASONS
};
extern const char *const switch_reason_words[SWITCH_REASONS];

/* What is odd about an estimate; a set of them is their sum. */
enum switch_flag {
    SWITCH_FLAG_QUEUE = 1,             /* client TTFT at a concurrency: it holds queueing */
    SWITCH_FLAG_NEW_CONNECTION = 2,    /* the exposed request opened its connection */
    SWITCH_FLAG_PROMPT_LENGTHS = 4,    /* exposed and steady prompts differ in length */
    SWITCH_FLAG_MIXED_BATCHES = 8,     /* the first wave ran in batches of several sizes */
    SWITCH_FLAG_SOURCES_DISAGREE = 16, /* server and client differ by more than 20 ms and 20 % */
    SWITCH_FLAG_INSIDE = 32,           /* a further switch inside the row */
    SWITCH_FLAG_AFTER_CUT_SHORT = 64,  /* the server may have been busy with the step before */
    SWITCH_FLAG_PREDECESSOR = 128,     /* what ran before is not known */
    SWITCH_FLAG_UNEQUAL_SPREAD = 256,  /* rows vary unlike each other, so each stands for itself */
    SWITCH_FLAG_RULE_DISAGREES = 512,  /* the documented 3-sd rule says otherwise */
    SWITCH_FLAG_SOME_FAILED = 1024,    /* exposed requests besides the first failed */
    SWITCH_FLAG_FEW = 2048,            /* too few visits stood out: switches or stalls */
    SWITCH_FLAG_UNEQUAL_COST = 4096,   /* visits differ by more than their spread explains */
    SWITCH_FLAG_SLOW_ONES = 8192,      /* some steady requests stood out, and were left out */
    SWITCH_FLAG_ONE_VISIT = 16384,     /* how much the cost varies is not known */
    SWITCH_FLAG_OVERSTATED = 32768,    /* under twice the smallest detectable: likely overstated */
    SWITCH_FLAG_BY_CONTENT = 65536,    /* judged by the TTFT of content, without reasoning */
    SWITCH_FLAG_RELOADED = 131072,     /* a later request waited as long as a switch */
    SWITCH_FLAG_LENGTH_TAKEN_OUT = 262144, /* the prompts' unlike lengths were corrected for */
    SWITCH_FLAG_OTHER_SIZE = 524288, /* judged at another batch size than the row's own, which ran
                                      * but once, or shows no switch where that does */
    SWITCH_FLAG_FASTER = 1048576,    /* exposed requests came sooner than steady ones */
    SWITCH_FLAG_NOT_PREPARED = 2097152, /* before_step failed: what was loaded is not as asked */
};
enum { SWITCH_FLAGS = 22 };
extern const char *const switch_flag_words[SWITCH_FLAGS];

/* One observation: what it took, when it was sent after the exposed one, and its prompt's length.
 */
struct switch_sample {
    double ttft_s, after_s;
    double tokens;  /* NAN: not known */
    size_t request; /* the index of its first request */
    bool left_out;  /* it stands out, or is part of a transient (steady.h) */
};

/* One exposed observation against steady ones. An observation is a request, or where several share
 * one TTFT because they ran as a batch, that batch. */
struct switch_side {
    double exposed_s;
    double steady_s;     /* mean */
    size_t steady;       /* observations */
    double resolution_s; /* that the values are rounded to; 0: to no step that could be seen */
    double log_ratio;    /* ln exposed − mean of ln steady */
    double log_squares; /* of ln steady around their mean, summed; steady − 1 degrees of freedom */
    double exposed_tokens;        /* its prompt's length; NAN: not known */
    struct switch_sample *sample; /* the steady ones, in the order they were sent; owned; NULL: they
                                   * are not kept, and count as they are */
    size_t samples, slow;         /* how many; how many of them were slow, and are left out */
    double measured_s;            /* the exposed one before any correction; 0: `exposed_s` is */
    /* What a correction for the prompts' lengths leaves unsure: its standard error, and where no
     * slope is known the whole of it (lengths.h). */
    double correction_error_s, unsure_s;
};

/* The same for the batches of one further size, and what is concluded. */
struct switch_inside {
    double batch_size;
    struct switch_side side;
    double p; /* NAN: not judged yet */
    bool found;
};

enum { SWITCH_INSIDE_MOST = 8 };

/* With what a step's responses begin. */
enum switch_opening {
    OPENING_UNKNOWN, /* of some, no content came */
    OPENING_CONTENT, /* all with content: TTFTs of content are the client's */
    OPENING_LATER,   /* some with reasoning, or what passes for it */
    OPENING_UNLIKE,  /* exposed ones with one kind, steady ones with the other */
};

struct switch_measurement {
    enum switch_reason reason;
    enum switch_method method;
    enum switch_source source; /* which side counts */
    int flags;
    size_t exposed, steady; /* requests that completed */
    double batch_size; /* of the batches compared: of those that the row is judged by; NAN: they
                        * are single requests */
    struct switch_side side[SWITCH_SOURCES]; /* steady 0: that clock tells nothing */
    struct switch_side content; /* the client's by content alone, where some requests began with
                                 * reasoning; steady 0: none did */
    enum switch_opening opening;
    double connect_s; /* of the exposed observation: in front of its TTFT, not in it */
    double queue_s;   /* what the client waited beyond the server's TTFT, exposed less steady */
    struct switch_inside inside[SWITCH_INSIDE_MOST]; /* by the server's clock */
    size_t insides;
    size_t reloaded; /* the index of a steady request that waited as long as a switch; 0: none */
    int64_t begin_ns, end_ns; /* the step's first send and last end, monotonic; 0: not known */
};

/* Frees the samples of all sides; the rest stays. */
void switch_measurement_clear(struct switch_measurement *measurement);

enum switch_verdict {
    SWITCH_DETECTED,
    SWITCH_NOT_DETECTED,  /* none above high_s */
    SWITCH_INCONCLUSIVE,  /* one as large as matters might be missed: smallest_s */
    SWITCH_NOT_MEASURABLE /* reason */
};
extern const char *const switch_verdict_words[];

/* A conclusion about one step, or over several visits. */
struct switch_estimate {
    enum switch_verdict verdict;
    enum switch_reason reason;
    enum switch_source source;
    int flags;
    double value_s, low_s, high_s; /* with its 95 % interval */
    double client_s;               /* the same by the client's clock */
    double p;                      /* of as much without a switch, one-sided */
    double p_adjusted;             /* over the family (Holm) */
    double smallest_s;             /* found in 80 % of cases: the smallest detectable */
    double df;                     /* degrees of freedom of the pooled spread */
    double spread;                 /* that spread: standard deviation of ln TTFT */
    double standard_error_s;
    size_t visits, measured, switched; /* visits in all; that could be measured; that paid */
    size_t outstanding;       /* visits that stand out by themselves, for whatever reason */
    size_t not_paid, unknown; /* visits that did not; that could not have shown it */
    double unsure_s; /* what unlike prompts may explain, where that could not be taken out */
    double slow_p;   /* of as much since requests are slow now and then; 0: none are */
};

#endif
