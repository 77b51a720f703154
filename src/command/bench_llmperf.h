/* What LLMPerf's command lines say and bench cannot do here: it is noted, and nothing fails. */
#ifndef COMMAND_BENCH_LLMPERF_H
#define COMMAND_BENCH_LLMPERF_H

/* The run's name by --run_name (NULL: not given), where it can name a folder that is free in
 * `results` (NULL: a temporary folder); else NULL, with a note on stderr. */
const char *bench_llmperf_name(const char *run_name, const char *results);

/* The tokenizer by --tokenizer_id (NULL: not given), where it is here and something counts by it;
 * else NULL, with a note on stderr: LLMPerf would download it. */
const char *bench_llmperf_tokenizer(const char *tokenizer_id);

/* The MLflow server or experiment by --ml_repo (NULL: not given), where a server is known; else
 * NULL, with a note on stderr. */
const char *bench_llmperf_repo(const char *ml_repo);

#endif
