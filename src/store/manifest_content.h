/* manifest.json read back: which steps belong to a run, and the facts that reports tell of it. */
#ifndef STORE_MANIFEST_CONTENT_H
#define STORE_MANIFEST_CONTENT_H

#include <stdbool.h>
#include <stddef.h>

#include "core/error.h"

struct manifest_fact {
    char *key; /* "endpoint.address", "settings.probe.steady", "labels.release" */
    char *value;
};

/* What the command line that began the run changed: an option, and "key=value". */
struct manifest_override {
    char *option, *assignment;
};

struct manifest_content {
    char **step; /* names, in the order they ran */
    size_t steps;
    size_t planned;
    struct manifest_fact *fact; /* all but rows, visits and steps, as they stand there */
    size_t facts;
    struct manifest_fact *server; /* what the endpoint reported of itself: "models.m.owned_by" */
    size_t servers;
    struct manifest_override *override;
    size_t overrides;
    size_t resumptions; /* how often the run was resumed */
};

/* Reads the manifest in `folder`; false with a sentence. Clear `content` either way. */
bool manifest_read(const char *folder, struct manifest_content *content, struct error *error);

/* The value of a fact; NULL where there is none. */
const char *manifest_find(const struct manifest_content *content, const char *key);

/* Whether something else used the run's endpoint meanwhile: by its manifest or, while it is under
 * way or where it was cut off, by the file in its folder (manifest.h). */
bool manifest_is_shared(const char *folder, const struct manifest_content *content);

/* Whether the file is there. */
bool manifest_is_marked_shared(const char *folder);

void manifest_content_clear(struct manifest_content *content);

#endif
