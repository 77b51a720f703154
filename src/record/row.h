/* A row: what one line of the CSV asks for. Plain data; plan/ reads it, everything above tells it.
 */
#ifndef RECORD_ROW_H
#define RECORD_ROW_H

#include <stdbool.h>
#include <stdint.h>

/* How open-loop sends are spaced around the mean gap 1/qps; as in a trace: whatever it has. */
enum row_distribution { ROW_CONSTANT, ROW_UNIFORM, ROW_EXPONENTIAL, ROW_GAMMA, ROW_TRACE };

/* How an open-loop rate gets from qps to qps_end. */
enum row_ramp { ROW_RAMP_LINEAR, ROW_RAMP_EXPONENTIAL };

/* The picture that goes with each prompt. */
enum row_image { ROW_NO_IMAGE, ROW_SMALL, ROW_MEDIUM, ROW_LARGE };

/* Their words in CSV, JSON and workbook; each list ends with NULL. */
extern const char *const row_distribution_names[];
extern const char *const row_ramp_names[];
extern const char *const row_image_names[]; /* ROW_NO_IMAGE is "" */

struct row {
    char *model_name;
    int64_t input_tokens, output_tokens;
    double stddev_input_tokens, stddev_output_tokens; /* 0: all are alike */
    int64_t num_requests;                             /* 0: no such end, duration_s is it */
    double duration_s; /* sends for so long, in seconds; 0: until all requests are sent */
    int64_t warmup_requests, cooldown_requests; /* before and behind those that count */
    int64_t concurrent_requests;                /* 0: open loop, paced by qps */
    double qps;                                 /* 0: closed loop */
    enum row_distribution qps_distribution;
    double burstiness;      /* the shape of gamma-distributed gaps; 0: they are not */
    double qps_end;         /* open loop: the rate at the row's end; 0: qps all along */
    enum row_ramp qps_ramp; /* how it gets there */
    int64_t max_in_flight;  /* open loop: requests at once, at most; 0: any number */
    int64_t prefix_tokens;  /* of a system message, the same for all its requests, and part of
                             * input_tokens; 0: there is none */
    int64_t turns;          /* of a session, which stands in the place of a request: its requests
                             * one after another; 0: not said, one, or as its data set has them */
    double turns_mean;      /* of its sessions, where they differ, as its data set's; 0: all have
                             * `turns` */
    double turns_held;      /* with turns_mean: earlier turns that a session's prompts hold in all,
                             * on average: of t turns t (t − 1) / 2 */
    int64_t turn_input_tokens; /* of the user's text in each turn but the first; 0: as the data set
                                * has it */
    double think_time_s;       /* on average, from a response's end to the next turn */
    enum row_image multimodal_img_size;
    char *dataset;        /* the .jsonl file that prompts come from; NULL: they are made */
    char *mix;            /* rows of one name run together (plan/mixes.h); NULL: it runs alone */
    double share;         /* its part of the places of its mix, of 1; 0: it has places of its own */
    int64_t mix_requests; /* with a share: those that count, of all members; 0: no such end */
    char *trace; /* the file that moments and lengths come from; NULL: none. Lengths and rate are
                  * then means */
    double trace_speed, trace_from_s, trace_for_s; /* how it is read (traffic/trace.h) */
    int64_t trace_context; /* lines that ask for more tokens are left out; 0: none is */
    bool trace_reuses;     /* its prompts are made of blocks that come again */
    bool warmup;           /* runs once, first, and is kept out of every estimate */
    int line;              /* in the CSV, from 1 */
};

/* Frees what the row owns. */
void row_clear(struct row *row);

/* Orders rows by what they ask for; 0 where that is the same. */
int row_compare(const struct row *a, const struct row *b);

/* The most requests that a row of a duration sends, where it names none itself. */
#define ROW_REQUESTS_MOST INT64_C(1000000000)

/* Requests of the row that count, at most; with warm-up and cool-down. */
int64_t row_counted_most(const struct row *row);
int64_t row_requests_most(const struct row *row);

/* The mean rate of an open-loop row over its time, in requests per second: qps, or the mean of its
 * ramp, linear (qps + qps_end) / 2 or exponential (qps_end − qps) / ln(qps_end / qps). */
double row_mean_qps(const struct row *row);

/* Forgets how sends of an open loop are spaced, so that the row is none. */
void row_forget_pacing(struct row *row);
/* Whether it sends sessions of several turns. */
bool row_has_sessions(const struct row *row);

/* Requests of a session, at most; 1 where there are none. */
int64_t row_turns(const struct row *row);

/* Requests of `sessions` sessions, about; of as many requests where there are none. */
int64_t row_requests_of(const struct row *row, int64_t sessions);

/* The most tokens of a session's last request with its response, as far as the row tells: each
 * prompt holds all before it, of a data set texts of `input_tokens` each. Without sessions, input
 * and output. */
int64_t row_tokens_most(const struct row *row);

/* Whether both are members of one mix. */
bool row_same_mix(const struct row *a, const struct row *b);

/* Whether visits to it tell of switches: it is no warm-up, and runs alone. */
bool row_is_studied(const struct row *row);

/* A copy with texts of its own. */
struct row row_copy(const struct row *row);

#endif
