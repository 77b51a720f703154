/* The options of rows: which lengths, concurrency and requests are to be combined. */
#ifndef COMMAND_ROWS_OPTIONS_H
#define COMMAND_ROWS_OPTIONS_H

#include "command/command.h"
#include "core/error.h"
#include "plan/sweep.h"

struct rows_options {
    struct option_texts model;
    const char *bundle, *output;
    const char *input_tokens, *output_tokens, *concurrency, *requests, *sweep;
    const char *duration, *warmup_requests, *cooldown_requests;
};

extern const struct option rows_options_table[];

/* Reads lists and numbers into `sweep`. Adds a fault for each that is none, and for an output file
 * that is there already. Clear `sweep` either way. */
bool rows_options_read(const struct rows_options *options, struct sweep *sweep,
                       struct faults *faults);

#endif
