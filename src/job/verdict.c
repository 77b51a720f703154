#include "job/verdict.h"

enum exit_code verdict_of(const struct results *results)
{
    enum exit_code code = EXIT_DONE;

    if (results->losses > 0)
        return EXIT_INCOMPLETE;
    for (size_t i = 0; i < results->count; i++) {
        const struct step *step = &results->step[i];

        if (step->end != STEP_DONE || step->completed == 0)
            return EXIT_INCOMPLETE;
        if (step->health.verdict == MEASUREMENT_INVALID)
            code = EXIT_INVALID;
    }
    return code;
}
