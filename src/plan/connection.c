#include "plan/connection.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/memory.h"

/* Characters of a name: RFC 9110, section 5.6.2. */
static const char name_characters[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789!#$%&'*+-.^_`|~";

static bool is_taken(const char *name)
{
    static const char *const taken[] = {
        "Authorization",     "key",    "Host",       "Content-Type", "Content-Length",
        "Transfer-Encoding", "Expect", "Connection", "User-Agent",   "Accept-Encoding"};

    for (size_t i = 0; i < sizeof taken / sizeof *taken; i++) {
        if (strcasecmp(name, taken[i]) == 0)
            return true;
    }
    return false;
}

/* Why this is no header; NULL where it is one. The value is not told: it may be a secret. */
static const char *trouble_of(const char *name, const struct yaml *value)
{
    if (!*name || name[strspn(name, name_characters)])
        return "is no name of a header";
    if (is_taken(name))
        return "is set by the program; leave it out here";
    if (value->kind != YAML_SCALAR || !*value->scalar)
        return "has no text for its value";
    for (const char *at = value->scalar; *at; at++) {
        if ((unsigned char)*at < 0x20 || *at == 0x7f)
            return "has a control character in its value";
    }
    return NULL;
}

char **connection_headers(const struct yaml *mapping, struct faults *faults)
{
    size_t count = mapping && mapping->kind == YAML_MAPPING ? mapping->count : 0, made = 0;
    char **headers = memory_new(count + 1, sizeof *headers);

    for (size_t i = 0; i < count; i++) {
        const char *name = mapping->key[i]->scalar;
        const char *trouble = trouble_of(name, mapping->value[i]);

        if (trouble)
            faults_add(faults, mapping->key[i]->source, mapping->key[i]->line,
                       "connection.headers: '%.60s' %s", name, trouble);
        else
            headers[made++] = memory_printf("%s: %s", name, mapping->value[i]->scalar);
    }
    return headers;
}

void connection_headers_free(char **headers)
{
    for (size_t i = 0; headers && headers[i]; i++) {
        explicit_bzero(headers[i], strlen(headers[i]));
        free(headers[i]);
    }
    free(headers);
}
