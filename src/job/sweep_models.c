#include "job/sweep_models.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "core/clean.h"
#include "core/memory.h"
#include "core/word.h"

static void know_bundle(struct sweep_models *known)
{
    known->count = known->bundle.experts.count;
    known->model = memory_new(known->count, sizeof *known->model);
    for (size_t i = 0; i < known->count; i++) {
        const struct bundle_expert *expert = bundle_expert(&known->bundle, i);

        known->model[i] = (struct sweep_model){
            .name = expert->name,
            .context_tokens = bundle_tier(expert, expert->tiers.count - 1)->tokens,
            .expert = expert,
        };
    }
}

bool sweep_models_of_bundle(const char *path, struct sweep_models *models, struct faults *faults)
{
    bool done = bundle_read(path, &models->bundle, faults);

    if (done)
        know_bundle(models);
    return done;
}

static void know_listed(struct sweep_models *known)
{
    known->count = known->listed.count;
    known->model = memory_new(known->count, sizeof *known->model);
    for (size_t i = 0; i < known->count; i++)
        known->model[i] = (struct sweep_model){
            .name = known->listed.model[i].id,
            .context_tokens = known->listed.model[i].context_length,
        };
}

bool sweep_models_of_endpoint(const struct preparation *preparation, struct sweep_models *models,
                              struct error *error)
{
    bool done = prepare_list_models(preparation, &models->listed, NULL, error);

    if (done)
        know_listed(models);
    return done;
}

static const char *name_at(const void *models, size_t i)
{
    return ((const struct sweep_model *)models)[i].name;
}

static void warn_of(const struct sweep_models *known, const char *name, struct faults *warnings)
{
    const char *near = word_nearest(name, known->model, known->count, name_at);
    char *shown = clean_copy(name, CLEAN_LINE);
    char *like = near ? clean_copy(near, CLEAN_LINE) : NULL;

    faults_add(warnings, NULL, 0, "the %s does not list the model '%s'%s%s%s; its rows are kept",
               known->bundle.experts.count > 0 ? "bundle" : "endpoint", shown,
               like ? " (did you mean '" : "", like ? like : "", like ? "'?)" : "");
    free(shown);
    free(like);
}

static struct sweep_model find_model(const struct sweep_models *known, const char *name,
                                     struct faults *warnings)
{
    const struct listed_model *listed;

    for (size_t i = 0; i < known->count; i++) {
        if (strcmp(known->model[i].name, name) == 0)
            return known->model[i];
    }
    if ((listed = listed_models_find(&known->listed, name)))
        return (struct sweep_model){.name = name, .context_tokens = listed->context_length};
    if (known->count > 0)
        warn_of(known, name, warnings);
    return (struct sweep_model){.name = name};
}

void sweep_models_choose(struct sweep_models *models, const char *const *names, size_t count,
                         struct faults *warnings)
{
    struct sweep_model *chosen = memory_new(count, sizeof *chosen);

    for (size_t i = 0; i < count; i++)
        chosen[i] = find_model(models, names[i], warnings);
    free(models->model);
    models->model = chosen;
    models->count = count;
}

static void note_left_out(const char *model, const struct sweep_left_out *left_out,
                          struct faults *notes)
{
    char *shown = clean_copy(model, CLEAN_LINE);

    if (left_out->rows > 0)
        faults_add(notes, NULL, 0,
                   "left out: %zu row%s of %s: %" PRId64 " tokens of input and output do not fit "
                   "into %" PRId64,
                   left_out->rows, left_out->rows == 1 ? "" : "s", shown, left_out->tokens,
                   left_out->room);
    free(shown);
}

bool sweep_models_combine(const struct sweep_models *models, const struct sweep *sweep,
                          struct rows *rows, struct faults *left_out, struct error *error)
{
    for (size_t i = 0; i < models->count; i++) {
        struct sweep_left_out one = {0};

        if (!sweep_add_model(sweep, &models->model[i], rows, &one, error))
            return false;
        note_left_out(models->model[i].name, &one, left_out);
    }
    return true;
}

void sweep_models_clear(struct sweep_models *models)
{
    bundle_clear(&models->bundle);
    listed_models_clear(&models->listed);
    free(models->model);
    *models = (struct sweep_models){0};
}
