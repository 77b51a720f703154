/* What the command line of bench asks for, as the rows and the config of a run. */
#ifndef COMMAND_BENCH_WORDS_H
#define COMMAND_BENCH_WORDS_H

#include "command/command.h"
#include "command/exporting.h"
#include "command/prepare_options.h"
#include "command/shape_options.h"
#include "job/job.h"
#include "job/typed_inputs.h"

struct bench_options {
    struct prepare_words prepare; /* --url, --api, --name and --set */
    struct job_options job;
    struct option_texts models, labels;
    const char *input_tokens, *stddev_input_tokens, *output_tokens, *stddev_output_tokens;
    const char *requests, *duration, *concurrency, *qps, *distribution, *image, *dataset;
    const char *warmup_requests, *cooldown_requests;
    struct shape_words shape;
    const char *timeout, *results_dir, *sampling_params;
    const char *metadata, *run_name; /* LLMPerf's: labels, and a name */
    const char *tokenizer_id;        /* LLMPerf's: --tokenizer, but that none has to be there */
    const char *ml_repo;             /* LLMPerf's: an MLflow server, or an experiment */
    const char *format, *print;      /* the run as another tool has it */
    bool no_files;
};

/* The parts of a list; owned. */
struct bench_list {
    char **item;
    size_t count;
};

struct bench_asked {
    struct bench_list models, loads; /* a row for each pair */
    bool open_loop;                  /* the loads are rates */
    struct typed_row row;            /* what all rows have; cells of the command line */
    struct text rows;                /* the CSV */
    struct typed_config config;      /* its texts are owned below, or the command line's */
    struct exporting exporting;
    char *sampling_params, *labels;
    char *results;         /* the folder of results; NULL: a temporary one */
    const char *name;      /* NULL: the date */
    const char *tokenizer; /* NULL: none counts */
    const char *ml_repo;   /* NULL: the run is sent nowhere */
};

/* Reads what is asked for. False with a sentence on stderr that names the option. Notes there what
 * of LLMPerf's options is not built yet. Clear `asked` either way. */
bool bench_read(const struct bench_options *options, struct bench_asked *asked);

/* Whether nothing is asked for that a run which is resumed has already; else a sentence as above.
 */
bool bench_resumes_alone(const struct bench_options *options);

void bench_asked_clear(struct bench_asked *asked);

#endif
