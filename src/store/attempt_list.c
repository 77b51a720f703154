#include "store/attempt_list.h"

#include <search.h>
#include <stdbool.h>
#include <stdlib.h>

#include "core/memory.h"
#include "store/json.h"

/* Numbers as JSON has them. */
struct member {
    double step, number;
};

static int compare(const void *a, const void *b)
{
    const struct member *x = a, *y = b;

    if (x->step != y->step)
        return (x->step > y->step) - (x->step < y->step);
    return (x->number > y->number) - (x->number < y->number);
}

/* Notes an attempt; false where it is noted already. */
static bool note(struct attempt_list *list, double step, double number)
{
    struct member *member = memory_new(1, sizeof *member);
    struct member *const *there;

    *member = (struct member){step, number};
    there = tsearch(member, &list->root, compare);
    if (!there)
        abort(); /* out of memory, where memory.h ends as well */
    if (*there == member)
        return true;
    free(member);
    return false;
}

void attempt_list_note(struct attempt_list *list, const cJSON *array)
{
    for (const cJSON *object = array ? array->child : NULL; object; object = object->next) {
        const cJSON *step = cJSON_GetObjectItemCaseSensitive(object, "index");
        const cJSON *number = cJSON_GetObjectItemCaseSensitive(object, "attempt");

        if (cJSON_IsNumber(step) && cJSON_IsNumber(number))
            note(list, step->valuedouble, number->valuedouble);
    }
}

void attempt_list_add(struct attempt_list *list, cJSON *array, const struct attempt *attempt)
{
    cJSON *object;

    if (!note(list, (double)attempt->step, (double)attempt->number))
        return;
    object = cJSON_CreateObject();
    cJSON_AddItemToArray(array, object);
    cJSON_AddNumberToObject(object, "index", (double)attempt->step);
    cJSON_AddNumberToObject(object, "attempt", (double)attempt->number);
    json_add_text(object, "name", attempt->name);
    cJSON_AddNumberToObject(object, "requests", (double)attempt->requests);
}

void attempt_list_clear(struct attempt_list *list)
{
    tdestroy(list->root, free);
    *list = (struct attempt_list){0};
}
