/* A run that is being thought of: the body of a check and of a start (docs/workbench-api.json,
 * "Draft"), and the words by which the program itself takes it. */
#ifndef SERVE_START_DRAFT_H
#define SERVE_START_DRAFT_H

#include <stdbool.h>
#include <stddef.h>

#include "core/error.h"
#include "serve/start/arguments.h"

struct workbench;

enum { DRAFT_MOST = 8 << 20, DRAFT_SETS = 256 };

struct draft {
    bool search;           /* it is one; else a run */
    bool online;           /* a check also asks the endpoint for its models */
    bool anyway;           /* it starts though its endpoint is being measured */
    char *config, *rows;   /* YAML and CSV; rows of NULL: the config names them */
    char *name, *seed;     /* NULL: not given */
    char *order, *passes;  /* likewise */
    char *set[DRAFT_SETS]; /* "key=value" */
    size_t sets;
};

/* Reads the JSON object of `length` bytes; false with a sentence. Clear `draft` either way. */
bool draft_read(const char *bytes, size_t length, struct draft *draft, struct error *error);
void draft_clear(struct draft *draft);

/* The files of a draft in its folder: config and rows, and the body that had them. */
extern const char draft_config_name[], draft_rows_name[], draft_body_name[];

/* Writes config and rows into the open folder. False with a sentence. */
bool draft_write(const struct draft *draft, int folder, struct error *error);

/* Adds the options and, last, the config, which stands in the folder of that path; the run's folder
 * and its workbook come below the workbench's root. */
void draft_add_words(const struct draft *draft, const struct workbench *workbench, const char *path,
                     struct arguments *words);

#endif
