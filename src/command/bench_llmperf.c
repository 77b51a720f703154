#include "command/bench_llmperf.h"

#include <stdio.h>

#include "plan/run_name.h"
#include "store/run.h"

const char *bench_llmperf_name(const char *run_name, const char *results)
{
    struct error why;

    if (!run_name)
        return NULL;
    if (!run_name_check(run_name, &why) ||
        (results && run_is_taken(results, results, run_name, &why))) {
        fprintf(stderr, "note: --run_name: %s; the run is named by the date\n", why.text);
        return NULL;
    }
    fputs("note: --run_name names the run here; naming it in an ML repository is not built yet\n",
          stderr);
    return run_name;
}

void bench_llmperf_note(const char *tokenizer_id, const char *ml_repo)
{
    if (tokenizer_id)
        fputs("note: --tokenizer_id is not built yet: it will count tokens by that tokenizer; now "
              "the endpoint's own counts are used\n",
              stderr);
    if (ml_repo)
        fputs("note: --ml_repo is not built yet: it will log the run in that ML repository; now "
              "its results are files alone\n",
              stderr);
}
