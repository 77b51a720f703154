#include "load/target.h"

#include <string.h>

#include "core/text.h"

/* A shorter value of a header is no secret, and may stand anywhere. */
enum { SECRET_LEAST = 8 };

void target_strike_out(const struct target *target, char *bytes, size_t length)
{
    text_strike_out(bytes, length, target->key);
    for (char *const *header = target->headers; header && *header; header++) {
        const char *value = strstr(*header, ": ");

        if (value && strlen(value + 2) >= SECRET_LEAST)
            text_strike_out(bytes, length, value + 2);
    }
}
