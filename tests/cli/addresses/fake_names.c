/* Loaded before the C library: the name FAKE_NAME has the addresses FAKE_ADDRESSES (numbers parted
 * by blanks, none: it is not known), the next one first with each lookup. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <netdb.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

enum { MOST = 16 };

typedef int (*lookup)(const char *, const char *, const struct addrinfo *, struct addrinfo **);

static size_t split(char *text, char **number)
{
    size_t count = 0;
    char *left;

    for (char *one = strtok_r(text, " ", &left); one && count < MOST;
         one = strtok_r(NULL, " ", &left))
        number[count++] = one;
    return count;
}

int getaddrinfo(const char *node, const char *service, const struct addrinfo *hints,
                struct addrinfo **result)
{
    static atomic_uint lookups;
    lookup next = (lookup)dlsym(RTLD_NEXT, "getaddrinfo");
    const char *name = getenv("FAKE_NAME"), *addresses = getenv("FAKE_ADDRESSES");
    char text[1024] = "", *number[MOST];
    struct addrinfo **end = result;
    size_t count, turn;

    if (!node || !name || !addresses || strcmp(node, name) != 0)
        return next(node, service, hints, result);
    strncpy(text, addresses, sizeof text - 1);
    count = split(text, number);
    turn = atomic_fetch_add(&lookups, 1);
    *result = NULL;
    for (size_t i = 0; i < count; i++) {
        struct addrinfo how = *hints;

        how.ai_flags |= AI_NUMERICHOST;
        if (next(number[(turn + i) % count], service, &how, end) != 0)
            continue;
        while (*end)
            end = &(*end)->ai_next;
    }
    return *result ? 0 : EAI_NONAME;
}
