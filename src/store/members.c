#include "store/members.h"

#include <stdlib.h>
#include <string.h>

#include "core/memory.h"

/* A member, and where it stands in its object. */
struct place {
    const cJSON *item;
    size_t at;
};

static int by_key_and_place(const void *a, const void *b)
{
    const struct place *x = a, *y = b;
    int order = strcmp(x->item->string, y->item->string);

    return order != 0 ? order : (x->at > y->at) - (x->at < y->at);
}

void members_init(struct members *members, const cJSON *object)
{
    size_t count = (size_t)cJSON_GetArraySize(object), at = 0;
    struct place *place = memory_new(count, sizeof *place);

    for (const cJSON *item = object->child; item; item = item->next, at++)
        place[at] = (struct place){item, at};
    if (count > 0)
        qsort(place, count, sizeof *place, by_key_and_place);
    *members = (struct members){memory_new(count, sizeof *members->item), count};
    for (size_t i = 0; i < count; i++)
        members->item[i] = place[i].item;
    free(place);
}

const cJSON *members_find(const struct members *members, const char *key)
{
    size_t from = 0, to = members->count;

    while (from < to) {
        size_t middle = from + (to - from) / 2;

        if (strcmp(members->item[middle]->string, key) < 0)
            from = middle + 1;
        else
            to = middle;
    }
    if (from < members->count && strcmp(members->item[from]->string, key) == 0)
        return members->item[from];
    return NULL;
}

void members_clear(struct members *members)
{
    free(members->item);
    *members = (struct members){0};
}
