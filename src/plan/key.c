#include "plan/key.h"

#include <string.h>
#include <strings.h>

#include "core/memory.h"
#include "core/secrets.h"

static const char around[] = " \t\"'";

/* How many bytes stand before the key itself. */
static size_t before(const char *key)
{
    static const char bearer[] = "Bearer ";
    size_t length = strspn(key, around);

    if (strncasecmp(key + length, bearer, sizeof bearer - 1) == 0)
        length += sizeof bearer - 1;
    return length + strspn(key + length, around);
}

char *key_shape(const char *key)
{
    size_t start = before(key), end = strlen(key);

    while (end > start && strchr(around, key[end - 1]))
        end--;
    if (start == 0 && !key[end])
        return NULL;
    return memory_printf("%.*s***%s", (int)start, key, key + end);
}

void key_warn_of_length(const char *key, const char *source, struct faults *warnings)
{
    if (strlen(key) > 0 && strlen(key) < SECRETS_LEAST)
        faults_add(warnings, NULL, 0,
                   "%s: a key of fewer than %d characters cannot be hidden where a server repeats "
                   "it; use a longer one",
                   source, SECRETS_LEAST);
}
