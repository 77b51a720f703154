/* The options of rows: which lengths, concurrency and requests are to be combined. */
#ifndef COMMAND_ROWS_OPTIONS_H
#define COMMAND_ROWS_OPTIONS_H

#include "command/command.h"
#include "command/prepare_options.h"
#include "command/shape_options.h"
#include "core/error.h"
#include "plan/sweep.h"

struct rows_options {
    struct prepare_words prepare; /* --url and --api */
    struct option_texts model;
    const char *bundle, *output;
    const char *input_tokens, *output_tokens, *concurrency, *requests, *sweep;
    const char *duration, *warmup_requests, *cooldown_requests;
    struct shape_words shape;
};

extern const struct option rows_options_table[];

/* Reads lists and numbers into `sweep`, and what all rows have alike into `alike`. Adds a fault for
 * each that is none, and for an output file that is there already. Clear `sweep` either way. */
bool rows_options_read(const struct rows_options *options, struct sweep *sweep,
                       struct typed_row *alike, struct faults *faults);

#endif
