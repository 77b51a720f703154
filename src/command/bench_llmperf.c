#include "command/bench_llmperf.h"

#include <stdio.h>
#include <stdlib.h>

#include "plan/mlflow_place.h"
#include "plan/run_name.h"
#include "prompt/tokenizer_place.h"
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
    return run_name;
}

const char *bench_llmperf_tokenizer(const char *tokenizer_id)
{
    struct error why;
    char *path = tokenizer_id ? tokenizer_find(tokenizer_id, &why) : NULL;
    char *python = path ? tokenizer_python(&why) : NULL;
    bool counts = python != NULL;

    free(path);
    free(python);
    if (tokenizer_id && !counts)
        fprintf(stderr, "note: --tokenizer_id: %s; now the endpoint's own counts are used\n",
                why.text);
    return counts ? tokenizer_id : NULL;
}

const char *bench_llmperf_repo(const char *ml_repo)
{
    const char *server = getenv("MLFLOW_TRACKING_URI");

    if (!ml_repo || mlflow_place_is_uri(ml_repo) || (server && *server))
        return ml_repo;
    fputs("note: --ml_repo: names an experiment, and no MLflow server is known; set "
          "MLFLOW_TRACKING_URI; now the results are files alone\n",
          stderr);
    return NULL;
}
