#include "selftest/measurement.h"

static bool read_bundle(const char *path, struct bundle *bundle, struct error *error)
{
    struct faults faults = {0};
    bool done = bundle_read(path, bundle, &faults);

    if (!done)
        error_set(error, "%s", faults.text[0]);
    faults_clear(&faults);
    return done;
}

bool measurement_read(struct measurement *measurement, const char *run_folder, const char *bundle,
                      const char *truth, struct error *error)
{
    if (!read_bundle(bundle, &measurement->bundle, error) ||
        !witness_read(truth, &measurement->witness, error) ||
        !results_read(run_folder, &measurement->results, error))
        return false;
    if (measurement->results.count != PROFILE_ROWS)
        return error_set(error, "%s: %zu rows were run, not %d", run_folder,
                         measurement->results.count, PROFILE_ROWS);
    for (size_t i = 0; i < PROFILE_ROWS; i++) {
        if (!responses_read(run_folder, measurement->results.step[i].name, STEP_LOAD, SIZE_MAX,
                            &measurement->responses[i], error))
            return false;
    }
    return true;
}

void measurement_clear(struct measurement *measurement)
{
    bundle_clear(&measurement->bundle);
    witness_clear(&measurement->witness);
    results_clear(&measurement->results);
    for (size_t i = 0; i < PROFILE_ROWS; i++)
        responses_clear(&measurement->responses[i]);
}
