/* What the simulated server tells of itself at /metrics: Prometheus' text under the names that vLLM
 * gives them, all under the first model's name as there. Counted as it happens; moments are
 * arguments. */
#ifndef SIM_METRICS_H
#define SIM_METRICS_H

#include <stdbool.h>
#include <stdint.h>

#include "core/text.h"
#include "sim/node_file.h"
#include "sim/response.h"

enum { METRICS_BOUNDS = 20 };

struct metrics_histogram {
    double sum;
    int64_t count, below[METRICS_BOUNDS]; /* at most the bound */
};

/* Zeroed: nothing happened yet. */
struct metrics {
    int64_t waiting, running;
    int64_t prompt_tokens, cached_tokens, generated_tokens, responses;
    struct metrics_histogram ttft, queue, prefill, end_to_end, gap;
};

/* A request came, and waits. */
void metrics_note_arrival(struct metrics *metrics);

/* Its batch starts. */
void metrics_note_start(struct metrics *metrics, const struct sim_response *response);

/* Tokens were sent: all from the one of number `first` on. `before_ns` is when anything was sent
 * last. */
void metrics_note_tokens(struct metrics *metrics, const struct sim_response *response,
                         int64_t first, int64_t before_ns, int64_t now_ns);

/* It is over, complete or not. */
void metrics_note_end(struct metrics *metrics, const struct sim_response *response, int64_t now_ns);

void metrics_add(const struct metrics *metrics, const struct node_file *file, struct text *text);

#endif
