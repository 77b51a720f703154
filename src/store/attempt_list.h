/* The list "attempts" of a manifest: what was begun and started over. For this room alone. */
#ifndef STORE_ATTEMPT_LIST_H
#define STORE_ATTEMPT_LIST_H

#include <cjson/cJSON.h>

#include "store/attempts.h"

/* Which attempts a list holds, found at once however long it is. A zeroed one knows of none. */
struct attempt_list {
    void *root; /* of a tree */
};

/* Notes what `array` (or NULL) holds. */
void attempt_list_note(struct attempt_list *list, const cJSON *array);

/* Adds the attempt to `array`, whose content is noted; one that it holds stays as it is. */
void attempt_list_add(struct attempt_list *list, cJSON *array, const struct attempt *attempt);

void attempt_list_clear(struct attempt_list *list);

#endif
