/* The rows and the config of a run that was typed on one command line, as the files that any other
 * run has. */
#ifndef JOB_TYPED_INPUTS_H
#define JOB_TYPED_INPUTS_H

#include <stdbool.h>
#include <stdint.h>

#include "core/error.h"
#include "core/text.h"

/* The columns of a row (plan/rows.h): those of the starter kit, and those behind them, which a CSV
 * has only where they are used. */
enum typed_column {
    TYPED_MODEL,
    TYPED_INPUT_TOKENS,
    TYPED_OUTPUT_TOKENS,
    TYPED_REQUESTS,
    TYPED_CONCURRENCY,
    TYPED_QPS,
    TYPED_DISTRIBUTION,
    TYPED_IMAGE,
    TYPED_STDDEV_INPUT_TOKENS,
    TYPED_STDDEV_OUTPUT_TOKENS,
    TYPED_DATASET,
    TYPED_DURATION,
    TYPED_WARMUP_REQUESTS,
    TYPED_COOLDOWN_REQUESTS,
    TYPED_BURSTINESS,
    TYPED_QPS_END,
    TYPED_QPS_RAMP,
    TYPED_MAX_IN_FLIGHT,
    TYPED_PREFIX_TOKENS,
    TYPED_TURNS,
    TYPED_TURN_INPUT_TOKENS,
    TYPED_THINK_TIME,
    TYPED_MIX,
    TYPED_COLUMNS
};

struct typed_row {
    const char *cell[TYPED_COLUMNS]; /* as they were typed; NULL: empty */
};

/* Adds the header of a CSV whose rows have the cells that `row` has. */
void typed_row_add_header(const struct typed_row *row, struct text *csv);

/* Adds a line: each cell as it is, quoted where it has to be (RFC 4180). */
void typed_row_add(const struct typed_row *row, struct text *csv);

/* Add what a header and a line have behind the starter kit's columns, each with a comma before it:
 * for rows that are made elsewhere. */
void typed_row_add_names(const struct typed_row *row, struct text *names);
void typed_row_add_cells(const struct typed_row *row, struct text *cells);

/* Whether `cell` may stand in that column of a row that is sound; false with a sentence, such as
 * "'ten' is not a whole number from 1 to 1000000000". */
bool typed_cell_check(enum typed_column column, const char *cell, struct error *error);

struct typed_config {
    const char *api;                      /* a value of llm_api */
    const char *run_name;                 /* NULL: the start's date */
    const char *rows;                     /* the CSV's path */
    const char *results;                  /* the folder of results */
    const char *timeout;                  /* seconds; NULL: the default */
    const char *sampling_params, *labels; /* JSON objects; NULL: none */
    int64_t passes;                       /* 0: the default */
};

/* Adds the config, in YAML. */
void typed_config_add(const struct typed_config *config, struct text *yaml);

#endif
