#include "report/prior_study.h"

#include <stdlib.h>

#include "core/memory.h"
#include "stats/mix_predict.h"
#include "stats/mix_visited.h"

struct prior_study {
    char *path;
    struct runs runs;
};

struct prior_study *prior_study_read(const char *path, struct error *error)
{
    struct prior_study *prior = memory_new(1, sizeof *prior);

    prior->path = memory_text(path);
    if (runs_read((char *[]){prior->path, NULL}, &prior->runs, error))
        return prior;
    prior_study_free(prior);
    return NULL;
}

void prior_study_free(struct prior_study *prior)
{
    if (!prior)
        return;
    runs_clear(&prior->runs);
    free(prior->path);
    free(prior);
}

void prior_study_add_visited(const struct prior_study *prior, const struct step *member,
                             struct mix_visited *visited)
{
    for (size_t i = 0; prior && i < prior->runs.count; i++)
        mix_visited_add(prior->runs.results[i].step, prior->runs.results[i].count, member, visited);
}

void prior_study_predict(const struct prior_study *prior, const struct step *const *member,
                         struct mix *mix)
{
    if (!prior)
        return;
    free(mix->study);
    mix->study = memory_text(prior->path);
    mix_predict(&prior->runs.study, member, mix);
}

/* --- Runs that are there ---------------------------------------------------------------------- */

static const struct step *step_at(const struct results *run, size_t index)
{
    size_t i = 0;

    while (i < run->count && run->step[i].index != index)
        i++;
    return i < run->count ? &run->step[i] : NULL;
}

static void predict(const struct prior_study *prior, const struct results *run, struct mix *mix)
{
    const struct step **member = memory_new(mix->members, sizeof *member);
    bool all = true;

    for (size_t i = 0; i < mix->members; i++) {
        member[i] = step_at(run, mix->member[i].step);
        all &= member[i] != NULL;
    }
    if (all)
        prior_study_predict(prior, member, mix);
    free(member);
}

void prior_study_predict_all(const struct prior_study *prior, struct runs *runs)
{
    for (size_t i = 0; i < runs->count; i++) {
        for (size_t k = 0; k < runs->results[i].mixes; k++)
            predict(prior, &runs->results[i], &runs->results[i].mix[k]);
    }
}
