/* Which expert configurations rows make a node load, as far as a bundle file tells.
 *
 * A row's tier is the smallest that holds its input and output. Its batch sizes follow from how
 * many requests may wait together (dynamic batching; science.md, 1.3): in closed loop one, when the
 * first comes to an idle node; all others, behind it; or all, where the node waits for them; in
 * open loop any number. */
#ifndef PLAN_LOADS_H
#define PLAN_LOADS_H

#include "core/bundle.h"
#include "core/error.h"
#include "core/text.h"
#include "plan/rows.h"

/* Adds a warning, with file and line, for each row whose model the bundle does not list, and each
 * whose input and output fit no tier of it, or so narrowly that a template may lead to another. */
void loads_advise(const struct bundle *bundle, const struct rows *rows, const char *file,
                  struct faults *warnings);

/* Adds what a row may load: "gpt-oss-120b-8k-BS1, BS8"; nothing where the bundle does not tell. */
void loads_add(struct text *text, const struct bundle *bundle, const struct row *row);

/* Adds the one that the row runs at a batch size: "gpt-oss-120b-8k-BS8"; false where the bundle
 * does not tell. */
bool loads_add_one(struct text *text, const struct bundle *bundle, const struct row *row,
                   double batch_size);

/* What rows may load in all. */
struct loads_total {
    size_t configurations; /* different ones */
    double gb;             /* their weights */
};
struct loads_total loads_total(const struct bundle *bundle, const struct rows *rows);

/* The tokens, input and output together, that the model's longest tier holds; 0 where the bundle
 * does not tell. */
int64_t loads_context(const struct bundle *bundle, const char *model);

/* The model's expert, and the smallest of its tiers that holds so many tokens, input and output
 * together; no batch size. False where the bundle does not tell. */
bool loads_find(const struct bundle *bundle, const char *model, int64_t tokens,
                struct bundle_configuration *found);

/* What the row's expert weighs in GB; NAN where the bundle does not tell. */
double loads_weight_gb(const struct bundle *bundle, const struct row *row);

#endif
