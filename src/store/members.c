#include "store/members.h"

#include <stdlib.h>
#include <string.h>

#include "core/memory.h"

/* Eight characters at a time. Whatever keys a file's writer has chosen to have one digest, their
 * texts are looked at then, and the cost stays a logarithm. */
static uint64_t digest_of(const char *key)
{
    static const uint64_t odd = UINT64_C(0x9e3779b97f4a7c15);
    size_t length = strlen(key);
    uint64_t digest = length, part;

    for (; length >= sizeof part; key += sizeof part, length -= sizeof part) {
        memcpy(&part, key, sizeof part);
        digest = (digest ^ part) * odd;
        digest ^= digest >> 32;
    }
    part = 0;
    memcpy(&part, key, length);
    digest = (digest ^ part) * odd;
    return digest ^ digest >> 32;
}

static int by_digest_and_key(uint64_t digest, const char *key, const struct member *than)
{
    if (digest != than->digest)
        return digest < than->digest ? -1 : 1;
    return strcmp(key, than->item->string);
}

static int by_place(const void *a, const void *b)
{
    const struct member *x = a, *y = b;
    int order = by_digest_and_key(x->digest, x->item->string, y);

    return order != 0 ? order : (x->at > y->at) - (x->at < y->at);
}

void members_init(struct members *members, const cJSON *object)
{
    size_t count = (size_t)cJSON_GetArraySize(object), at = 0;

    *members = (struct members){memory_new(count, sizeof *members->member), count};
    for (const cJSON *item = object->child; item; item = item->next, at++)
        members->member[at] = (struct member){digest_of(item->string), item, at};
    if (count > 0)
        qsort(members->member, count, sizeof *members->member, by_place);
}

const cJSON *members_find(const struct members *members, const char *key)
{
    uint64_t digest = digest_of(key);
    size_t from = 0, to = members->count;

    while (from < to) {
        size_t middle = from + (to - from) / 2;

        if (by_digest_and_key(digest, key, &members->member[middle]) > 0)
            from = middle + 1;
        else
            to = middle;
    }
    if (from < members->count && by_digest_and_key(digest, key, &members->member[from]) == 0)
        return members->member[from].item;
    return NULL;
}

void members_clear(struct members *members)
{
    free(members->member);
    *members = (struct members){0};
}
