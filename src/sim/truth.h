/* The ground truth: a file of JSON lines, one for each request as it ends, of what the node did for
 * it and when its tokens really went out.
 *
 * index, id, model; tier; prompt_tokens, completion_tokens (those sent), cached_tokens; cancelled:
 * the client went away; fault: the kind carried out, null for none (what the server broke off has
 * one and is not cancelled). Of its batch, and not there where it never was in one: configuration;
 * replica and batch (numbers), batch_size, members; hit (false: the configuration was loaded); the
 * names of the configurations that were evicted for it, that were unloaded before it since they had
 * been idle or somebody asked for it, and of all that were resident in the replica as it started,
 * its own among them; since_start_s (from the node's start to the batch's); queue_s (at the node)
 * and queue_pause_s (the part of it for which a pause alone held up the start); then switch_s (the
 * load's own time, as drawn), warmup_s, second_s, prefill_s, stall_s and pause_s, which make
 * time_to_first_token_s; and total_latency_s. Moments are integer nanoseconds of CLOCK_MONOTONIC:
 * arrived_ns (the request was read in full), batch_started_ns (as the node has it), and for each
 * token, in token_ns, that just before its bytes were handed to the connection; first_token_ns and
 * last_token_ns are its ends. Moments hold network_delay_s: the node sees a request that much later
 * than arrived_ns, and a token goes that much later than it was ready. */
#ifndef SIM_TRUTH_H
#define SIM_TRUTH_H

#include <stdbool.h>

#include "core/error.h"
#include "sim/response.h"

struct truth;

/* Opens the file to append to. NULL and a sentence where that cannot be done. */
struct truth *truth_open(const char *path, struct error *error);

/* Adds the line of a response that is complete, or is given up. */
void truth_add(struct truth *truth, const struct sim_response *response);

/* False and a sentence where any line could not be written. NULL is fine. */
bool truth_close(struct truth *truth, struct error *error);

#endif
