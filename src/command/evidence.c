#include "command/evidence.h"

static bool read_bundle(const char *path, struct bundle *bundle, struct error *error)
{
    struct faults faults = {0};
    bool done = bundle_read(path, bundle, &faults);

    if (!done)
        error_set(error, "%s", faults.text[0]);
    faults_clear(&faults);
    return done;
}

bool evidence_read(struct evidence *evidence, const char *run_folder, const char *bundle,
                   const char *truth, struct error *error)
{
    if (!read_bundle(bundle, &evidence->bundle, error) ||
        !witness_read(truth, &evidence->witness, error) ||
        !results_read(run_folder, &evidence->results, error))
        return false;
    if (evidence->results.count != PROFILE_ROWS)
        return error_set(error, "%s: %zu rows were run, not %d", run_folder,
                         evidence->results.count, PROFILE_ROWS);
    for (size_t i = 0; i < PROFILE_ROWS; i++) {
        if (!responses_read(run_folder, evidence->results.step[i].name, STEP_LOAD, SIZE_MAX,
                            &evidence->responses[i], error))
            return false;
    }
    return true;
}

void evidence_clear(struct evidence *evidence)
{
    bundle_clear(&evidence->bundle);
    witness_clear(&evidence->witness);
    results_clear(&evidence->results);
    for (size_t i = 0; i < PROFILE_ROWS; i++)
        responses_clear(&evidence->responses[i]);
}
