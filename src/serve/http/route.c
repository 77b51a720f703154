#include "serve/http/route.h"

#include <stdbool.h>
#include <string.h>

/* How long the part of a path at `at` is. */
static size_t part_length(const char *at)
{
    return strcspn(at, "/");
}

static bool is_run(const char *part, size_t length)
{
    return length == ROUTE_RUN - 1 && strspn(part, "0123456789abcdef") >= length;
}

static bool is_file(const char *part, size_t length)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                  "0123456789_-.";

    return length > 0 && length < ROUTE_FILE && part[0] != '.' && strspn(part, letters) >= length;
}

static void copy_part(char *to, const char *part, size_t length)
{
    memcpy(to, part, length);
    to[length] = '\0';
}

static bool fits_part(const char *wanted, size_t wanted_length, const char *part, size_t length,
                      struct route_places *places)
{
    if (strncmp(wanted, "{ID}", wanted_length) == 0 && wanted_length == 4) {
        if (!is_run(part, length))
            return false;
        copy_part(places->run, part, length);
        return true;
    }
    if (strncmp(wanted, "{NAME}", wanted_length) == 0 && wanted_length == 6) {
        if (!is_file(part, length))
            return false;
        copy_part(places->file, part, length);
        return true;
    }
    return wanted_length == length && memcmp(wanted, part, length) == 0;
}

static bool fits(const char *wanted, const char *path, struct route_places *places)
{
    *places = (struct route_places){.run = "", .file = ""};
    while (*wanted == '/' && *path == '/') {
        size_t wanted_length = part_length(++wanted), length = part_length(++path);

        if (!fits_part(wanted, wanted_length, path, length, places))
            return false;
        wanted += wanted_length;
        path += length;
    }
    return *wanted == '\0' && *path == '\0';
}

static void allow(char allowed[ROUTE_ALLOWED], const char *method)
{
    size_t length = strlen(allowed);

    if (length + strlen(method) + 3 > ROUTE_ALLOWED)
        return;
    if (length > 0)
        strcat(allowed, ", ");
    strcat(allowed, method);
}

enum route_found route_find(const char *method, const char *path, const struct route **route,
                            struct route_places *places, char allowed[ROUTE_ALLOWED])
{
    const char *asked = strcmp(method, "HEAD") == 0 ? "GET" : method;

    allowed[0] = '\0';
    for (const struct route *one = route_table; one->method; one++) {
        if (!fits(one->path, path, places))
            continue;
        if (strcmp(one->method, asked) == 0) {
            *route = one;
            return ROUTE_FOUND;
        }
        allow(allowed, one->method);
    }
    return allowed[0] ? ROUTE_NO_METHOD : ROUTE_NO_PATH;
}
