/* What the simulator reads of a bundle file: the bundle (core/bundle.h), and what is the simulated
 * node's alone: noise, how its server talks and what goes wrong with it (bundle_behaviour.h). */
#ifndef SIM_NODE_FILE_H
#define SIM_NODE_FILE_H

#include <stdbool.h>
#include <stddef.h>

#include "core/bundle.h"
#include "core/error.h"
#include "core/setting.h"
#include "sim/bundle_behaviour.h"

/* Moments at which the node stands still (sim/pause.h); both zero: none. */
struct bundle_pauses {
    double every_s, for_s;
};

/* What makes a simulated node less exact than its model; all zero: nothing (sim/noise.h). */
struct bundle_noise {
    double jitter; /* of each prefill and gap: standard deviation of a factor's logarithm */
    double stall_probability, stall_s; /* of each token */
    double network_delay_s;            /* each way */
    double warmup_s;                   /* of each configuration's first batch */
    bool prefix_cache;
    double load_spread;    /* of each load: standard deviation as a share of its time */
    double drift_per_min;  /* what each minute adds to prefill times, as a share of them */
    double second_request; /* seconds that the second batch after a load takes besides */
    struct bundle_pauses pauses;
};

struct node_file {
    struct bundle bundle;
    struct bundle_noise noise;
    struct bundle_behaviour behaviour;
    struct setting_list faults; /* of struct bundle_fault */
};

/* The table that node_file_read and the manual are made from: every key of a bundle file. */
extern const struct setting node_file_table[];

/* Reads and checks the whole file at `path`. Adds every fault it finds. Clear `file` either way. */
bool node_file_read(const char *path, struct node_file *file, struct faults *faults);

void node_file_clear(struct node_file *file);

const struct bundle_fault *bundle_fault(const struct node_file *file, size_t i);

#endif
