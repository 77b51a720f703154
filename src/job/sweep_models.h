/* The models that a sweep of rows combines (plan/sweep.h): those of a bundle file, or those that
 * the endpoint lists. */
#ifndef JOB_SWEEP_MODELS_H
#define JOB_SWEEP_MODELS_H

#include <stdbool.h>
#include <stddef.h>

#include "core/bundle.h"
#include "core/error.h"
#include "job/prepare.h"
#include "plan/sweep.h"

struct sweep_models {
    struct sweep_model *model; /* owned; their names and tiers belong to … */
    size_t count;
    struct bundle bundle;
    struct listed_models listed;
};

/* All experts of the bundle file at `path`. False where it added faults. Clear `models` either way.
 */
bool sweep_models_of_bundle(const char *path, struct sweep_models *models, struct faults *faults);

/* All models that the endpoint lists, which touches none of them. False with a sentence where it
 * lists none. Clear `models` either way. */
bool sweep_models_of_endpoint(const struct preparation *preparation, struct sweep_models *models,
                              struct error *error);

/* Keeps only the models of these names, which must outlive `models`, in that order. Warns of each
 * that is not among them; it is kept, without a context. */
void sweep_models_choose(struct sweep_models *models, const char *const *names, size_t count,
                         struct faults *warnings);

/* Adds the rows of all models. What does not fit a model is left out, with a sentence in
 * `left_out`. False with a sentence where there are too many rows. */
bool sweep_models_combine(const struct sweep_models *models, const struct sweep *sweep,
                          struct rows *rows, struct faults *left_out, struct error *error);

void sweep_models_clear(struct sweep_models *models);

#endif
