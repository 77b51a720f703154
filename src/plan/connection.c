#include "plan/connection.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/memory.h"
#include "plan/settings.h"

const char *const settings_http_names[] = {"1.1", "2", NULL};

const char *const settings_reuse_names[] = {"auto", "always", "never", NULL};

#define CONNECTION(field)                                                                          \
    (offsetof(struct settings, connection.field) - offsetof(struct settings, connection))

/* clang-format off */
const struct setting connection_table[] = {
    {"preconnect", SETTING_TRUTH, CONNECTION(preconnect), .fallback = "true",
     .help = "open a row's connections before its clock starts, by requests that touch no model"},
    {"http", SETTING_CHOICE, CONNECTION(http), .fallback = "1.1", .choices = settings_http_names,
     .help = "version of HTTP; with 2 (over TLS), up to 64 requests share a connection"},
    {"reuse", SETTING_CHOICE, CONNECTION(reuse), .fallback = "auto", .choices = settings_reuse_names,
     .help = "whether a connection is used again after a response; auto finds out whether it "
             "outlives one"},
    {"connect_timeout", SETTING_NUMBER, CONNECTION(connect_timeout_s), .fallback = "10",
     .least = 0.001, .most = 3600, .unit = "s", .help = "give up on a connection after this long"},
    {"idle_timeout", SETTING_NUMBER, CONNECTION(idle_timeout_s), .fallback = "300", .least = 0.001,
     .most = 86400, .unit = "s", .help = "give up on a request when no event arrived for this long; before the first, "
             "comments count too"},
    {"tail_grace", SETTING_NUMBER, CONNECTION(tail_grace_s), .fallback = "1", .least = 0,
     .most = 86400, .unit = "s",
     .help = "how long the body of a response that has ended may stay open before its connection is "
             "given up"},
    {"ca_file", SETTING_TEXT, CONNECTION(ca_file),
     .help = "certificates to trust instead of the system's (PEM)"},
    {"insecure", SETTING_TRUTH, CONNECTION(insecure), .fallback = "false",
     .help = "check no certificate: any server there can read the key; every report shows it"},
    {"proxy", SETTING_TEXT, CONNECTION(proxy), .secret = true,
     .help = "reach the endpoint through this proxy (http://HOST:PORT), by a tunnel"},
    {"headers", SETTING_JSON, CONNECTION(headers), .secret = true,
     .help = "further headers of each request; their values are never printed or written"},
    {"key_header", SETTING_TEXT, CONNECTION(key_header),
     .help = "send the bare key in this header; default: Authorization: Bearer KEY"},
    {"spread", SETTING_TRUTH, CONNECTION(spread), .fallback = "false",
     .help = "send each request to the next address of the endpoint's name; by default a run stays "
             "with one"},
    {0},
};
/* clang-format on */

bool connection_may_hold_secret(const char *key, size_t length)
{
    static const char group[] = "connection";
    enum { GROUP = sizeof group - 1 };

    if (length < GROUP || strncmp(key, group, GROUP) != 0)
        return false;
    if (length == GROUP)
        return true;
    for (const struct setting *one = connection_table; one->name; one++) {
        if (one->secret && length - GROUP > strlen(one->name) && key[GROUP] == '.' &&
            strncmp(key + GROUP + 1, one->name, strlen(one->name)) == 0)
            return true;
    }
    return false;
}

const char *const connection_trust_names[] = {"connection.insecure", "connection.ca_file",
                                              "connection.proxy", "mlflow.uri", NULL};

bool connection_decides_trust(const char *key, size_t length)
{
    for (const char *const *name = connection_trust_names; *name; name++) {
        if (strlen(*name) == length && strncmp(*name, key, length) == 0)
            return true;
    }
    return false;
}

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

/* Why this is no header; NULL where it is one. The value is not printed: it may be a secret. */
static const char *trouble_of(const char *name, const struct yaml *value)
{
    if (!*name || name[strspn(name, name_characters)])
        return "is not the name of a header";
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

static bool is_header(const char *line, const char *name)
{
    size_t length = strlen(name);

    return strncasecmp(line, name, length) == 0 && line[length] == ':';
}

void connection_check_key_header(const struct settings *settings, struct faults *faults)
{
    static const char key[] = "connection.key_header";
    const char *name = settings->connection.key_header;

    if (!name)
        return;
    if (!*name || name[strspn(name, name_characters)])
        settings_fault(settings, faults, key, "'%.60s' is not the name of a header", name);
    else if (is_taken(name) && strcasecmp(name, "Authorization") != 0 && strcasecmp(name, "key"))
        settings_fault(settings, faults, key,
                       "'%s' is set by the program; name the header that the endpoint wants its "
                       "key in",
                       name);
    for (char **line = settings->connection.header_lines; line && *line; line++) {
        if (is_header(*line, name))
            settings_fault(settings, faults, key, "'%s' appears in connection.headers too", name);
    }
}

void connection_check_spread(const struct settings *settings, struct faults *faults)
{
    static const char key[] = "connection.spread";
    const char *beside = settings->order != ORDER_AS_LISTED ? "an order"
                         : settings->probe.steady > 0       ? "a probe"
                         : stop_asked(&settings->stop_when) ? "stop_when"
                                                            : NULL;

    if (!settings->connection.spread)
        return;
    if (beside)
        settings_fault(settings, faults, key,
                       "each address has its own memory behind it, so no switch is measured; leave "
                       "it out, or %s",
                       beside);
    if (settings->connection.proxy)
        settings_fault(
            settings, faults, key,
            "a proxy looks the endpoint's name up itself; leave out connection.proxy, or "
            "this");
}

void connection_headers_free(char **headers)
{
    for (size_t i = 0; headers && headers[i]; i++) {
        explicit_bzero(headers[i], strlen(headers[i]));
        free(headers[i]);
    }
    free(headers);
}
