/* LLMPerf's summaries, by which a folder shows that it holds its results and no run: they are
 * called as ours and the kit's are. */
#ifndef STORE_LLMPERF_FILE_H
#define STORE_LLMPERF_FILE_H

#include <stdbool.h>
#include <stddef.h>

/* Whether the summary of that name in `folder` is LLMPerf's: it has its keys, "results_ttft_s_…",
 * where ours and the kit's say whose TTFT it is. False where it cannot be read. */
bool llmperf_file_is(const char *folder, const char *name);

/* The names of the summaries in `folder` that are not LLMPerf's, as summary_file_list gives them;
 * `*llmperf` is how many are. Free each and the list. */
char **llmperf_file_list_others(const char *folder, size_t *count, size_t *llmperf);

#endif
