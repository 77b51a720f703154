#include "plan/telemetry.h"

#include <stddef.h>
#include <string.h>

const char telemetry_auto[] = "auto";

/* clang-format off */
const struct setting telemetry_source_table[] = {
    {"url", SETTING_TEXT, offsetof(struct telemetry_source, url), .required = true,
     .help = "where metrics are told in Prometheus' text; auto: /metrics at the endpoint's own origin"},
    {"every_s", SETTING_NUMBER, offsetof(struct telemetry_source, every_s), .fallback = "1",
     .least = 0.1, .most = 3600, .unit = "s", .help = "how often it is asked during a row"},
    {"match", SETTING_WORDS, offsetof(struct telemetry_source, match),
     .help = "names of samples to keep, with * and ?; none: those that reports know"},
    {0},
};
/* clang-format on */

void telemetry_spell_out(struct yaml *root)
{
    const struct yaml *given = yaml_find(root, "telemetry");
    const char *text;
    struct yaml *list;
    struct error error;

    if (!given || given->kind != YAML_SCALAR)
        return;
    if (strcmp(given->scalar, telemetry_auto) == 0)
        text = "[{url: auto}]";
    else if (strcmp(given->scalar, "none") == 0)
        text = "[]";
    else
        return;
    list = yaml_parse(text, strlen(text), given->source, &error);
    list->line = given->line;
    yaml_put(root, "telemetry", list);
}

/* What is between "://" and the path. */
static bool has_user(const char *url)
{
    const char *host = strstr(url, "://");
    const char *at = host ? strchr(host, '@') : NULL;

    return at && at < host + 3 + strcspn(host + 3, "/?#");
}

static bool is_web(const char *url)
{
    return strncmp(url, "http://", 7) == 0 || strncmp(url, "https://", 8) == 0;
}

void telemetry_check(const struct yaml *root, const struct setting_list *sources,
                     struct faults *faults)
{
    const struct yaml *given = yaml_find(root, "telemetry");
    const struct telemetry_source *source = sources->items;

    if (sources->count > TELEMETRY_SOURCES_MOST)
        faults_add(faults, given->source, given->line,
                   "telemetry: %zu sources are given; at most %d can be asked", sources->count,
                   TELEMETRY_SOURCES_MOST);
    for (size_t i = 0; i < sources->count; i++) {
        const char *url = source[i].url;
        const struct yaml *place = given->count > i ? given->value[i] : given;

        if (!url || strcmp(url, telemetry_auto) == 0)
            continue;
        if (!is_web(url))
            faults_add(faults, place->source, place->line,
                       "telemetry: '%.200s' is not an address; write http://HOST:PORT/metrics, or "
                       "auto",
                       url);
        else if (has_user(url))
            faults_add(
                faults, place->source, place->line,
                "telemetry: the address holds a user or a password, which would stand in the "
                "results; leave it out");
    }
}
