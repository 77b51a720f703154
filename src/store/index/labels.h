/* Labels that runs of an index must have. */
#ifndef STORE_INDEX_LABELS_H
#define STORE_INDEX_LABELS_H

#include <stdbool.h>
#include <stddef.h>

#include "core/error.h"

enum { INDEX_LABELS_MOST = 32 };

/* As "label.release=1.0" asks for them; zeroed: none. */
struct index_labels {
    struct {
        char *name, *value; /* owned */
    } label[INDEX_LABELS_MOST];
    size_t count;
};

/* Adds one; false with a sentence where the text is none. */
bool index_labels_add(struct index_labels *labels, const char *text, struct error *error);

/* The name in "label.release", within the text; NULL with a sentence where it is none. */
const char *index_label_name(const char *text, struct error *error);

void index_labels_clear(struct index_labels *labels);

#endif
