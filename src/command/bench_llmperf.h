/* What LLMPerf's command lines say and bench does not do yet: it is noted, and nothing fails. */
#ifndef COMMAND_BENCH_LLMPERF_H
#define COMMAND_BENCH_LLMPERF_H

/* The run's name by --run_name (NULL: not given), where it can name a folder that is free in
 * `results` (NULL: a temporary folder); else NULL. Notes on stderr what it does. */
const char *bench_llmperf_name(const char *run_name, const char *results);

/* Notes on stderr what --tokenizer_id and --ml_repo (NULL: not given) will do. */
void bench_llmperf_note(const char *tokenizer_id, const char *ml_repo);

#endif
