#include "serve/start/same_endpoint.h"

#include <stddef.h>
#include <string.h>
#include <strings.h>

struct part {
    const char *at;
    size_t length;
};

struct place {
    struct part host, port, path;
};

static bool begins(const char *text, const char *with)
{
    return strncasecmp(text, with, strlen(with)) == 0;
}

/* The host, in brackets where it is an IPv6 address, and the port behind it. */
static void split_host(const char *at, size_t length, struct place *place)
{
    const char *end = at + length;
    const char *bracket = length > 0 && at[0] == '[' ? memchr(at, ']', length) : NULL;
    const char *from = bracket ? bracket : at;
    const char *colon = memchr(from, ':', (size_t)(end - from));

    place->host = (struct part){at, (size_t)((colon ? colon : end) - at)};
    if (colon && colon + 1 < end)
        place->port = (struct part){colon + 1, (size_t)(end - colon - 1)};
}

static struct place read_place(const char *address)
{
    bool tls = begins(address, "https://");
    const char *at = address + (tls ? 8 : begins(address, "http://") ? 7 : 0);
    size_t length = strcspn(at, "/?#");
    struct place place = {.port = tls ? (struct part){"443", 3} : (struct part){"80", 2}};

    split_host(at, length, &place);
    place.path = (struct part){at + length, strcspn(at + length, "?#")};
    while (place.path.length > 0 && place.path.at[place.path.length - 1] == '/')
        place.path.length--;
    return place;
}

static bool is_word(const struct part *part, const char *word)
{
    return part->length == strlen(word) && strncasecmp(part->at, word, part->length) == 0;
}

static bool is_here(const struct part *host)
{
    return is_word(host, "127.0.0.1") || is_word(host, "localhost") || is_word(host, "[::1]");
}

static bool same_host(const struct part *a, const struct part *b)
{
    return (is_here(a) && is_here(b)) ||
           (a->length == b->length && strncasecmp(a->at, b->at, a->length) == 0);
}

/* By whole parts: "/v1" is where "/v1/chat" begins, and not "/v10". */
static bool leads(const struct part *path, const struct part *longer)
{
    return path->length <= longer->length && memcmp(path->at, longer->at, path->length) == 0 &&
           (path->length == longer->length || longer->at[path->length] == '/');
}

bool same_endpoint(const char *a, const char *b)
{
    const struct place one = read_place(a), other = read_place(b);

    return same_host(&one.host, &other.host) && one.port.length == other.port.length &&
           memcmp(one.port.at, other.port.at, one.port.length) == 0 &&
           (leads(&one.path, &other.path) || leads(&other.path, &one.path));
}
