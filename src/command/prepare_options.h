/* The options that run, plan and calibrate share: what of a config the command line changes. */
#ifndef COMMAND_PREPARE_OPTIONS_H
#define COMMAND_PREPARE_OPTIONS_H

#include "command/api_words.h"
#include "command/command.h"
#include "job/prepare.h"

/* What the command line holds of them; a command's own struct of options has one, `prepare`. */
struct prepare_words {
    struct prepare_options options; /* all but the settings of --set, which are */
    struct option_texts set;
};

/* The options, --set among them; they point into `words`. */
struct prepare_options prepare_options_of(const struct prepare_words *words);

/* Where the endpoint is, as the command line says it; bench has these two as well. */
#define ENDPOINT_OPTIONS(type)                                                                     \
    {"url",                                                                                        \
     "URL",                                                                                        \
     OPTION_TEXT,                                                                                  \
     offsetof(struct type, prepare.options.url),                                                   \
     "the endpoint's address, such as http://localhost:8000/v1; default: the environment's",       \
     'u'},                                                                                         \
    {                                                                                              \
        "api", API_WORDS, OPTION_TEXT, offsetof(struct type, prepare.options.api),                 \
            "which kind of endpoint", 0                                                            \
    }

#define TOKENIZER_OPTION(type)                                                                     \
    {                                                                                              \
        "tokenizer", "FILE|NAME", OPTION_TEXT, offsetof(struct type, prepare.options.tokenizer),   \
            "count prompts, and responses that are kept, by this tokenizer", 0                     \
    }

/* How much a run shows while it lasts; the struct has its job_options as `job`. */
#define SHOWING_OPTIONS(type)                                                                      \
    {                                                                                              \
        "quiet", NULL, OPTION_FLAG, offsetof(struct type, job.quiet), "print only what is wrong",  \
        'q'},                                                                                      \
        {"no-progress",                                                                            \
         NULL,                                                                                     \
         OPTION_FLAG,                                                                              \
         offsetof(struct type, job.no_progress),                                                   \
         "no live display, even on a terminal",                                                    \
         0},                                                                                       \
    {                                                                                              \
        "verbose", NULL, OPTION_FLAG, offsetof(struct type, job.verbose),                          \
            "print all figures of each row at its end", 'v'                                        \
    }

/* What of a run is kept, and what it is told of; the struct has its job_options as `job`. */
#define KEEPING_OPTIONS(type)                                                                      \
    {"keep-inputs",                                                                                \
     NULL,                                                                                         \
     OPTION_FLAG,                                                                                  \
     offsetof(struct type, job.keep_inputs),                                                       \
     "copy the config and the rows into the run's folder, as inputs/",                             \
     0},                                                                                           \
    {                                                                                              \
        "shared-endpoint", NULL, OPTION_FLAG, offsetof(struct type, job.shared_endpoint),          \
            "something else uses the endpoint too: no switch is measured", 0                       \
    }

/* Where a run is shown to who watches; the struct has its job_options as `job`. */
#define METRICS_OPTION(type)                                                                       \
    {                                                                                              \
        "metrics-listen", "PORT", OPTION_TEXT, offsetof(struct type, job.metrics_listen),          \
            "show the run as Prometheus' text at 127.0.0.1; 0: the kernel picks the port", 0       \
    }

#define PREPARE_OPTIONS(type)                                                                      \
    {"rows",                                                                                       \
     "FILE",                                                                                       \
     OPTION_TEXT,                                                                                  \
     offsetof(struct type, prepare.options.rows),                                                  \
     "rows from FILE instead of model_configs_path",                                               \
     0},                                                                                           \
        {"name",                                                                                   \
         "NAME",                                                                                   \
         OPTION_TEXT,                                                                              \
         offsetof(struct type, prepare.options.name),                                              \
         "name of the run's folder and workbook",                                                  \
         0},                                                                                       \
        {"seed",                                                                                   \
         "N",                                                                                      \
         OPTION_TEXT,                                                                              \
         offsetof(struct type, prepare.options.seed),                                              \
         "the seed of prompts and send times",                                                     \
         0},                                                                                       \
        {"order",                                                                                  \
         "ORDER",                                                                                  \
         OPTION_TEXT,                                                                              \
         offsetof(struct type, prepare.options.order),                                             \
         "visit rows in another order: reverse, shuffle, rotate, williams, all-pairs, residency",  \
         0},                                                                                       \
        {"passes",                                                                                 \
         "N",                                                                                      \
         OPTION_TEXT,                                                                              \
         offsetof(struct type, prepare.options.passes),                                            \
         "carry the order out N times",                                                            \
         0},                                                                                       \
        TOKENIZER_OPTION(type), ENDPOINT_OPTIONS(type),                                            \
    {                                                                                              \
        "set", "KEY=VALUE", OPTION_TEXTS, offsetof(struct type, prepare.set),                      \
            "change a setting, such as --set timeout=60 (may be repeated)", 0                      \
    }

#endif
