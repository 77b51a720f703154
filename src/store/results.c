#include "store/results.h"

#include <stdlib.h>

#include "core/memory.h"
#include "store/manifest.h"
#include "store/summary_file.h"

static bool read_step(const char *folder, const char *name, struct step *step, struct error *error)
{
    char *path = memory_printf("%s/%s_summary.json", folder, name);
    bool done = summary_file_read(path, step, error);

    free(path);
    return done;
}

bool results_read(const char *folder, struct results *results, struct error *error)
{
    char **names;
    size_t count;
    bool done = true;

    if (!manifest_read_steps(folder, &names, &count, &results->planned, error))
        return false;
    results->step = memory_new(count, sizeof *results->step);
    results->count = count;
    for (size_t i = 0; i < count; i++) {
        done = done && read_step(folder, names[i], &results->step[i], error);
        free(names[i]);
    }
    free(names);
    return done;
}

void results_clear(struct results *results)
{
    for (size_t i = 0; i < results->count; i++)
        step_clear(&results->step[i]);
    free(results->step);
    *results = (struct results){0};
}
