#include "plan/address.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "core/text.h"

char *address_join(char *url, const char *query)
{
    char *joined;

    if (!query)
        return url;
    joined = memory_printf("%s?%s", url, query);
    free(url);
    return joined;
}

/* The next part of a query and its value, which is all of it where it has no name; moves `at`
 * behind it. False at the end. */
static bool next_part(const char **at, const char **part, const char **value, size_t *length)
{
    const char *equals;

    while (**at == '&')
        ++*at;
    if (!**at)
        return false;
    *part = *at;
    *at += strcspn(*at, "&");
    equals = memchr(*part, '=', (size_t)(*at - *part));
    *value = equals ? equals + 1 : *part;
    *length = (size_t)(*at - *value);
    return true;
}

char *address_show(const char *address, const char *query)
{
    const char *at = query ? query : "", *part, *value;
    struct text shown = {0};
    size_t length;
    char joint = '?';

    text_add_string(&shown, address);
    while (next_part(&at, &part, &value, &length)) {
        text_add_char(&shown, joint);
        text_add(&shown, part, (size_t)(value - part));
        text_add_char(&shown, '*');
        joint = '&';
    }
    return text_take(&shown);
}

char *address_hide(const char *url)
{
    const char *mark = strchr(url, '?');
    char *address = mark ? memory_bytes(url, (size_t)(mark - url)) : memory_text(url);
    char *shown = address_show(address, mark ? mark + 1 : NULL);

    free(address);
    return shown;
}

/* RFC 3986, section 2.1. */
static char *decode(const char *value, size_t length)
{
    char *plain = memory_bytes(value, length), *to = plain;

    for (const char *from = plain; *from; from++) {
        char hex[3] = {0};

        if (*from == '%' && isxdigit((unsigned char)from[1]) && isxdigit((unsigned char)from[2])) {
            memcpy(hex, from + 1, 2);
            *to++ = (char)strtol(hex, NULL, 16);
            from += 2;
        } else {
            *to++ = *from;
        }
    }
    *to = '\0';
    return plain;
}

char **address_secrets(const char *query)
{
    const char *at = query ? query : "", *part, *value;
    char **secrets = memory_new(2 * strlen(at) + 1, sizeof *secrets);
    size_t count = 0, length;

    while (next_part(&at, &part, &value, &length)) {
        secrets[count++] = memory_bytes(value, length);
        secrets[count++] = decode(value, length);
    }
    return secrets;
}

void address_secrets_free(char **secrets)
{
    for (size_t i = 0; secrets && secrets[i]; i++) {
        explicit_bzero(secrets[i], strlen(secrets[i]));
        free(secrets[i]);
    }
    free(secrets);
}

char *address_password(const char *url)
{
    const char *host = url ? strstr(url, "://") : NULL, *at, *colon;

    host = host ? host + 3 : url ? url : "";
    at = memrchr(host, '@', strcspn(host, "/?#"));
    colon = at ? memchr(host, ':', (size_t)(at - host)) : NULL;
    return colon ? decode(colon + 1, (size_t)(at - colon - 1)) : NULL;
}
