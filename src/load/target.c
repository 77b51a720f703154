#include "load/target.h"

#include <stdlib.h>
#include <strings.h>

#include "core/memory.h"
#include "wire/header.h"

static bool is_https(const char *url)
{
    return url && strncasecmp(url, "https:", 6) == 0;
}

bool target_is_sealed(const struct target *target)
{
    return is_https(target->chat_url) || is_https(target->proxy);
}

void target_strike_out(const struct target *target, char *bytes, size_t length)
{
    secrets_strike(target->secrets, bytes, length);
}

void target_read_header(const struct target *target, const char *name, const char *line,
                        size_t length, char *value, size_t size)
{
    char *copy;

    if (!header_read(name, line, length, value, size))
        return;
    copy = memory_bytes(line, length);
    target_strike_out(target, copy, length);
    header_read(name, copy, length, value, size);
    free(copy);
}
