#include "report/runs.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "report/copies.h"
#include "report/run_folders.h"
#include "store/manifest.h"

static bool read_results(char **folders, struct runs *runs, struct error *error)
{
    size_t count = 0;

    while (folders[count])
        count++;
    runs->results = memory_new(count, sizeof *runs->results);
    for (size_t i = 0; i < count; i++) {
        struct results *results = &runs->results[runs->count++];

        if (!results_read(folders[i], results, error))
            return false;
        for (size_t k = 0; k < results->warnings.count; k++)
            faults_add(&runs->notes, NULL, 0, "%s", results->warnings.text[k]);
    }
    return true;
}

static void note_copy(struct runs *runs, const struct results *copy, const struct results *original)
{
    faults_add(&runs->notes, NULL, 0, "%s: is the same run as %s, and is left out", copy->folder,
               original->folder);
    if (runs->copied)
        return;
    runs->copied = true;
    runs->copy = memory_text(copy->folder);
    runs->original = memory_text(original->folder);
}

/* The same requests never count twice. */
static void leave_out_copies(struct runs *runs)
{
    const struct results **all = memory_new(runs->count, sizeof *all);
    size_t *of = memory_new(runs->count, sizeof *of), kept = 0;

    for (size_t i = 0; i < runs->count; i++)
        all[i] = &runs->results[i];
    copies_find(all, runs->count, of);
    for (size_t i = 0; i < runs->count; i++) {
        if (of[i] != SIZE_MAX)
            note_copy(runs, &runs->results[i], &runs->results[of[i]]);
    }
    for (size_t i = 0; i < runs->count; i++) {
        if (of[i] == SIZE_MAX)
            runs->results[kept++] = runs->results[i];
        else
            results_clear(&runs->results[i]);
    }
    runs->count = kept;
    free(of);
    free(all);
}

static void conclude(struct runs *runs)
{
    for (size_t i = 0; i < runs->count; i++) {
        size_t looks = results_looks(&runs->results[i]);

        runs->study.looks = looks > runs->study.looks ? looks : runs->study.looks;
        study_add(&runs->study, runs->results[i].step, runs->results[i].count);
    }
    study_conclude(&runs->study);
    runs->report =
        (struct report){.run = runs->results, .runs = runs->count, .study = &runs->study};
}

bool runs_read(char **paths, struct runs *runs, struct error *error)
{
    char **folders = run_folders_find(paths, &runs->notes, error);
    bool done = folders && read_results(folders, runs, error);

    run_folders_free(folders);
    if (!done)
        return false;
    leave_out_copies(runs);
    conclude(runs);
    return true;
}

/* Without that member: those of 0.1.0, and of the kit. */
static const char *definitions_of(const struct results *run)
{
    const char *recorded = manifest_find(&run->manifest, manifest_definitions_key);

    return recorded ? recorded : "1";
}

/* The first run that means something else than `first`; NULL: there is none. */
static const struct results *find_other(const struct runs *runs, const struct results *first)
{
    for (size_t i = 0; runs && i < runs->count; i++) {
        if (strcmp(definitions_of(&runs->results[i]), definitions_of(first)) != 0)
            return &runs->results[i];
    }
    return NULL;
}

/* What is to be noted, where there is something. */
static char *definitions_note(const struct results *run, const struct results *other)
{
    static const char meaning[] =
        "by 1 latencies and output speeds run to the end of the body, by 2 "
        "to the response's last event";

    if (other)
        return memory_printf("%s has definitions %s of the figures, and %s has %s: %s", run->name,
                             definitions_of(run), other->name, definitions_of(other), meaning);
    if (strcmp(definitions_of(run), manifest_definitions_mixed) == 0)
        return memory_printf("%s has definitions %s of the figures: %s", run->name,
                             definitions_of(run), meaning);
    return NULL;
}

void runs_note_definitions(struct runs *runs, const struct runs *others)
{
    const struct results *first = runs->count > 0 ? &runs->results[0] : NULL;
    const struct results *other = first ? find_other(runs, first) : NULL;

    if (first && !other)
        other = find_other(others, first);
    runs->definitions = first ? definitions_note(first, other) : NULL;
    runs->report.definitions = runs->definitions;
}

void runs_clear(struct runs *runs)
{
    study_clear(&runs->study);
    for (size_t i = 0; i < runs->count; i++)
        results_clear(&runs->results[i]);
    free(runs->results);
    faults_clear(&runs->notes);
    free(runs->copy);
    free(runs->original);
    free(runs->definitions);
    *runs = (struct runs){0};
}
