#include "command/runs.h"

#include <stdlib.h>
#include <sys/stat.h>

#include "core/memory.h"

/* One that is named twice would count twice. */
static bool are_different(char **folders, size_t count, struct error *error)
{
    struct stat *about = memory_new(count, sizeof *about);
    bool different = true;

    for (size_t i = 0; i < count && different; i++) {
        if (stat(folders[i], &about[i]) != 0)
            continue; /* told when it is read */
        for (size_t k = 0; k < i && different; k++)
            different = about[i].st_dev != about[k].st_dev || about[i].st_ino != about[k].st_ino ||
                        error_set(error, "%s: is the same run as %s; name each once", folders[i],
                                  folders[k]);
    }
    free(about);
    return different;
}

bool runs_read(char **folders, struct runs *runs, struct error *error)
{
    size_t count = 0;

    while (folders[count])
        count++;
    if (!are_different(folders, count, error))
        return false;
    runs->count = count;
    runs->results = memory_new(runs->count, sizeof *runs->results);
    for (size_t i = 0; i < runs->count; i++) {
        if (!results_read(folders[i], &runs->results[i], error))
            return false;
    }
    for (size_t i = 0; i < runs->count; i++) {
        size_t looks = results_looks(&runs->results[i]);

        runs->study.looks = looks > runs->study.looks ? looks : runs->study.looks;
        study_add(&runs->study, runs->results[i].step, runs->results[i].count);
    }
    study_conclude(&runs->study);
    runs->report =
        (struct report){.run = runs->results, .runs = runs->count, .study = &runs->study};
    return true;
}

void runs_clear(struct runs *runs)
{
    study_clear(&runs->study);
    for (size_t i = 0; i < runs->count; i++)
        results_clear(&runs->results[i]);
    free(runs->results);
    *runs = (struct runs){0};
}
