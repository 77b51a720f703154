#include "report/history_json.h"

#include <math.h>

#include "report/history_judged.h"

static void add_text(struct text *json, const char *key, const char *value)
{
    text_printf(json, "\"%s\": ", key);
    if (value && *value)
        text_add_json(json, value);
    else
        text_add_string(json, "null");
}

static void add_number(struct text *json, const char *key, double value)
{
    text_printf(json, ", \"%s\": ", key);
    text_add_number(json, value);
}

static void add_runs(const struct history *history, const char *by, struct text *json)
{
    text_add_string(json, "\"runs\": [");
    for (size_t i = 0; i < history->count; i++) {
        const struct history_point *point = &history->point[i];

        text_add_string(json, i > 0 ? ",\n  {" : "\n  {");
        add_text(json, "run", point->path);
        text_add_string(json, ", ");
        add_text(json, "started_utc", point->started_utc);
        if (by) {
            text_add_string(json, ", ");
            add_text(json, "label", point->group);
        }
        add_number(json, "value", point->value);
        text_printf(json, ", \"visits\": %zu, \"client_limited\": %s}", point->visits,
                    point->client_limited ? "true" : "false");
    }
    text_add_string(json, "],\n");
}

static void add_groups(const struct history_judged *judged, struct text *json)
{
    text_add_string(json, "\"groups\": [");
    for (size_t i = 0; i < judged->groups; i++) {
        const struct history_group *group = &judged->group[i];

        text_add_string(json, i > 0 ? ",\n  {" : "\n  {");
        add_text(json, "label", group->value);
        add_number(json, "mean", group->mean);
        add_number(json, "min", group->least);
        add_number(json, "max", group->most);
        text_printf(json, ", \"runs\": %zu}", group->runs);
    }
    text_add_string(json, "],\n");
}

static void add_steps(const struct history *history, const struct history_judged *judged,
                      struct text *json)
{
    text_add_string(json, "\"steps\": [");
    for (size_t i = 0; i < judged->changes; i++) {
        const struct change *change = &judged->change[i];

        text_add_string(json, i > 0 ? ",\n  {" : "\n  {");
        add_text(json, "from_run", history->point[judged->point[change->at]].path);
        add_number(json, "mean_before", change->before);
        add_number(json, "mean_after", change->after);
        add_number(json, "p", change->p);
        text_add_char(json, '}');
    }
    text_add_string(json, "]}\n");
}

void history_json_add(const struct history *history, const char *metric, const char *by,
                      struct text *json)
{
    struct history_judged judged;

    history_judge(history, &judged);
    text_add_char(json, '{');
    add_text(json, "row", history->row);
    text_add_string(json, ", ");
    add_text(json, "metric", metric);
    text_add_string(json, ", ");
    add_text(json, "endpoint", history->endpoint);
    text_add_string(json, ", ");
    add_text(json, "by", by);
    text_printf(json, ",\n\"test\": \"Pettitt\", \"level\": %g, \"runs_judged\": %zu, ",
                HISTORY_LEVEL, judged.count);
    text_printf(json, "\"runs_elsewhere\": %zu,\n", history->elsewhere);
    add_runs(history, by, json);
    if (by)
        add_groups(&judged, json);
    add_steps(history, &judged, json);
    history_judged_clear(&judged);
}
