/* What a plan is read from: config and command line, rows, the bundle file, the environment, and
 * what earlier runs have learned. Each adds every fault that it finds. */
#ifndef JOB_PREPARE_READ_H
#define JOB_PREPARE_READ_H

#include "job/prepare.h"

/* The config, with what the command line changes in it: its own options are settings like any
 * other. A run that is resumed begins with what its own command line had changed. */
void prepare_read_settings(struct preparation *preparation, const struct prepare_options *options,
                           struct faults *faults);

/* False where they cannot be read; then there is also a fault. */
bool prepare_read_rows(struct preparation *preparation, struct faults *faults);

/* The bundle file that the config names, if it does. Adds advice on the rows, which are to be read
 * by then, where there is no fault yet. */
void prepare_read_bundle(struct preparation *preparation, struct faults *faults);

/* Starts what counts by the tokenizer, where the settings have one. A fault where it cannot. */
void prepare_read_tokenizer(struct preparation *preparation, struct faults *faults);

/* Reads the study that the settings name for mixes. A fault where it cannot; a warning where no row
 * has a mix. */
void prepare_read_study(struct preparation *preparation, struct faults *faults);

/* The endpoint's address and key. False where they cannot be read. */
bool prepare_read_endpoint(struct preparation *preparation, const struct prepare_options *options,
                           struct faults *faults);

/* How the endpoint's models count, as far as earlier runs have learned it; a file that cannot be
 * read is a warning. Needs the endpoint. */
void prepare_read_counts(struct preparation *preparation);

#endif
