#include "export/otlp_data.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/file.h"
#include "core/memory.h"
#include "export/run_facts.h"
#include "record/row_key.h"
#include "report/column.h"
#include "report/headline.h"

enum { STEPS_A_BODY = 32, NAME = 128, SPAN_ID = 17 };
enum { SPAN_INTERNAL = 1, SPAN_CLIENT = 3, STATUS_ERROR = 2 }; /* trace.proto */
static const char settings_prefix[] = "settings.", labels_prefix[] = "settings.labels.";

/* --- Ids ----------------------------------------------------------------------------------------
 */

/* The beginning of a digest; an id of zeros alone is none, and no digest that begins so is known.
 */
static void make_id(const struct results *run, const char *part, char *id, size_t size)
{
    char *identity = run_facts_identity(run), *text = memory_printf("%s\n%s", identity, part);
    char digest[65];

    file_sha256(text, strlen(text), digest);
    memcpy(id, digest, size - 1);
    id[size - 1] = '\0';
    free(identity);
    free(text);
}

void otlp_data_trace_id(const struct results *run, char id[OTLP_TRACE_ID])
{
    make_id(run, "trace", id, OTLP_TRACE_ID);
}

static void make_run_span_id(const struct results *run, char id[SPAN_ID])
{
    make_id(run, "run", id, SPAN_ID);
}

static void make_step_span_id(const struct results *run, const struct step *step, char id[SPAN_ID])
{
    char *part = memory_printf("step %zu", step->index);

    make_id(run, part, id, SPAN_ID);
    free(part);
}

/* --- Members ------------------------------------------------------------------------------------
 */

/* A list in the making; `count` says whether a comma is due. */
static void separate(struct text *text, size_t *count)
{
    if ((*count)++ > 0)
        text_add_char(text, ',');
}

static void add_attribute(struct text *text, size_t *count, const char *prefix, const char *key,
                          const char *value)
{
    char *name = memory_printf("%s%s", prefix, key);

    separate(text, count);
    text_add_string(text, "{\"key\":");
    text_add_json(text, name);
    text_add_string(text, ",\"value\":{\"stringValue\":");
    text_add_json(text, value);
    text_add_string(text, "}}");
    free(name);
}

/* What the step is known by, at its data points and its span alike. */
static void add_step_attributes(struct text *text, size_t *count, const struct step *step)
{
    char *row = row_key(&step->row);

    separate(text, count);
    text_printf(text, "{\"key\":\"coebench.step\",\"value\":{\"intValue\":\"%zu\"}}", step->index);
    add_attribute(text, count, "coebench.", "model", step->row.model_name);
    add_attribute(text, count, "coebench.", "row", row);
    free(row);
}

/* Those facts of the manifest whose keys begin with `prefix`, and not with `except`. */
static void add_facts(struct text *text, size_t *count, const struct results *run,
                      const char *prefix, const char *except, const char *name)
{
    for (size_t i = 0; i < run->manifest.facts; i++) {
        const struct manifest_fact *fact = &run->manifest.fact[i];

        if (fact->value && strncmp(fact->key, prefix, strlen(prefix)) == 0 &&
            (!except || strncmp(fact->key, except, strlen(except)) != 0))
            add_attribute(text, count, name, fact->key + strlen(prefix), fact->value);
    }
}

/* Which program, and what tells this run from others. */
static void add_resource(struct text *text, const struct results *run)
{
    static const char *const facts[] = {"endpoint.address", "started_utc"};
    const char *version = manifest_find(&run->manifest, "coebench_version");
    size_t count = 0;

    text_add_string(text, "\"resource\":{\"attributes\":[");
    add_attribute(text, &count, "service.", "name", "coebench");
    if (version)
        add_attribute(text, &count, "service.", "version", version);
    add_attribute(text, &count, "coebench.", "run", run->name);
    for (size_t i = 0; i < sizeof facts / sizeof *facts; i++) {
        const char *value = manifest_find(&run->manifest, facts[i]);

        if (value)
            add_attribute(text, &count, "coebench.", facts[i], value);
    }
    add_facts(text, &count, run, labels_prefix, NULL, "coebench.label.");
    text_add_string(text, "]},");
}

static void add_scope(struct text *text)
{
    text_add_string(text,
                    "\"scope\":{\"name\":\"coebench\",\"version\":\"" COEBENCH_VERSION "\"},");
}

/* --- Metrics ------------------------------------------------------------------------------------
 */

/* Of an instrument: a letter, then letters, digits and "_.-/", up to 255 of them. */
static void add_metric_name(struct text *text, size_t column)
{
    char name[NAME];

    column_name(column, name, sizeof name);
    for (char *byte = name; *byte; byte++) {
        if (!strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-/", *byte))
            *byte = '_';
    }
    text_printf(text, "coebench.%s", name);
}

/* By the Unified Code for Units of Measure: what has no unit is "1", and what is counted stands in
 * braces. */
static void add_unit(struct text *text, const char *unit)
{
    static const char *const known[][2] = {{"", "1"},      {"share", "1"}, {"s", "s"},
                                           {"1/s", "1/s"}, {"GB", "GBy"},  {"%", "%"}};
    const char *per = strchr(unit, '/');

    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        if (strcmp(unit, known[i][0]) == 0) {
            text_add_string(text, known[i][1]);
            return;
        }
    }
    text_printf(text, "{%.*s}%s", (int)(per ? per - unit : (long)strlen(unit)), unit,
                per ? per : "");
}

static void add_point(struct text *text, const struct step *step, double value)
{
    size_t count = 0;

    text_add_string(text, "{\"attributes\":[");
    add_step_attributes(text, &count, step);
    text_printf(text,
                "],\"timeUnixNano\":\"%lld000000000\",\"asDouble\":", (long long)step->timestamp_s);
    text_add_number(text, value);
    text_add_char(text, '}');
}

/* The column's points of some steps; false where none of them has it. */
static bool add_points(struct text *text, size_t column, const struct step *step, size_t steps)
{
    size_t count = 0;

    for (size_t i = 0; i < steps; i++) {
        struct cell cell = column_cell(column, &step[i]);

        if (cell.kind == CELL_NUMBER && isfinite(cell.number)) {
            separate(text, &count);
            add_point(text, &step[i], cell.number);
        }
    }
    return count > 0;
}

static void add_metric(struct text *text, size_t column, const struct text *points)
{
    struct text unit = {0};

    text_add_string(text, "{\"name\":\"");
    add_metric_name(text, column);
    text_add_string(text, "\",\"description\":");
    text_add_json(text, column_help(column));
    text_add_string(text, ",\"unit\":");
    add_unit(&unit, column_unit(column));
    text_add_json(text, unit.bytes);
    text_printf(text, ",\"gauge\":{\"dataPoints\":[%s]}}", points->bytes);
    text_clear(&unit);
}

static void add_metrics(struct text *text, const struct step *step, size_t steps)
{
    struct text points = {0};
    size_t count = 0;

    for (size_t column = 0; column < column_count(); column++) {
        text_reset(&points);
        if (add_points(&points, column, step, steps)) {
            separate(text, &count);
            add_metric(text, column, &points);
        }
    }
    text_clear(&points);
}

bool otlp_data_send_metrics(const struct runs *runs, const struct otlp_sink *sink,
                            struct error *error)
{
    const struct results *run = &runs->results[0];
    struct text body = {0};
    bool done = true;

    for (size_t i = 0; done && i < run->count; i += STEPS_A_BODY) {
        size_t steps = run->count - i < STEPS_A_BODY ? run->count - i : STEPS_A_BODY;

        text_reset(&body);
        text_add_string(&body, "{\"resourceMetrics\":[{");
        add_resource(&body, run);
        text_add_string(&body, "\"scopeMetrics\":[{");
        add_scope(&body);
        text_add_string(&body, "\"metrics\":[");
        add_metrics(&body, &run->step[i], steps);
        text_add_string(&body, "]}]}]}");
        done = sink->send(sink->context, &body, error);
    }
    text_clear(&body);
    return done;
}

/* --- Spans --------------------------------------------------------------------------------------
 */

static void begin_span(struct text *text, const struct results *run, const char *id)
{
    char trace[OTLP_TRACE_ID];

    otlp_data_trace_id(run, trace);
    text_printf(text, "{\"traceId\":\"%s\",\"spanId\":\"%s\",", trace, id);
}

static void add_times(struct text *text, int64_t start_ns, int64_t end_ns)
{
    text_printf(text, "\"startTimeUnixNano\":\"%lld\",\"endTimeUnixNano\":\"%lld\",",
                (long long)(start_ns < end_ns ? start_ns : end_ns), (long long)end_ns);
}

/* Unix time in nanoseconds. Ends are whole seconds, and between is the time on the wall. */
static int64_t step_end_ns(const struct step *step)
{
    return step->timestamp_s * 1000000000;
}

static int64_t step_start_ns(const struct step *step)
{
    bool known = isfinite(step->wall_s) && step->wall_s > 0;

    return step_end_ns(step) - (known ? (int64_t)(step->wall_s * 1e9) : 0);
}

static void add_run_span(struct text *text, const struct runs *runs)
{
    const struct results *run = &runs->results[0];
    const char *status = manifest_find(&run->manifest, "status");
    int64_t start_ns = run_facts_start_ms(run) * 1000000;
    struct headline headline = {0};
    char id[SPAN_ID];
    size_t count = 0;

    for (size_t i = 0; i < run->count; i++) {
        if (step_start_ns(&run->step[i]) < start_ns)
            start_ns = step_start_ns(&run->step[i]);
    }
    make_run_span_id(run, id);
    begin_span(text, run, id);
    text_printf(text, "\"name\":\"run\",\"kind\":%d,", SPAN_INTERNAL);
    add_times(text, start_ns, run_facts_end_ms(run) * 1000000);
    text_add_string(text, "\"attributes\":[");
    headline_make(&runs->report, &headline);
    add_attribute(text, &count, "coebench.", "headline", headline.sentence);
    headline_clear(&headline);
    if (status)
        add_attribute(text, &count, "coebench.", "status", status);
    add_facts(text, &count, run, settings_prefix, labels_prefix, "coebench.setting.");
    text_add_char(text, ']');
    if (!run_facts_is_whole(run))
        text_printf(text, ",\"status\":{\"code\":%d}", STATUS_ERROR);
    text_add_char(text, '}');
}

static void add_text_columns(struct text *text, size_t *count, const struct step *step)
{
    for (size_t column = 0; column < column_count(); column++) {
        struct cell cell = column_cell(column, step);
        char name[NAME];

        column_name(column, name, sizeof name);
        if (cell.kind == CELL_TEXT && cell.text[0] && strcmp(name, "model") != 0)
            add_attribute(text, count, "coebench.", name, cell.text);
    }
}

static void add_step_span(struct text *text, const struct results *run, const struct step *step)
{
    char id[SPAN_ID], parent[SPAN_ID];
    size_t count = 0;

    make_step_span_id(run, step, id);
    make_run_span_id(run, parent);
    begin_span(text, run, id);
    text_printf(text, "\"parentSpanId\":\"%s\",\"name\":", parent);
    text_add_json(text, step->row.model_name);
    text_printf(text, ",\"kind\":%d,", SPAN_CLIENT);
    add_times(text, step_start_ns(step), step_end_ns(step));
    text_add_string(text, "\"attributes\":[");
    add_step_attributes(text, &count, step);
    add_text_columns(text, &count, step);
    text_add_char(text, ']');
    if (step->end != STEP_DONE || step->completed == 0)
        text_printf(text, ",\"status\":{\"code\":%d,\"message\":\"%s, %zu of %zu completed\"}",
                    STATUS_ERROR, step_end_words[step->end], step->completed, step->started);
    text_add_char(text, '}');
}

bool otlp_data_send_spans(const struct runs *runs, const struct otlp_sink *sink,
                          struct error *error)
{
    const struct results *run = &runs->results[0];
    struct text body = {0};
    size_t step = 0;
    bool done;

    do {
        size_t count = 0;

        text_reset(&body);
        text_add_string(&body, "{\"resourceSpans\":[{");
        add_resource(&body, run);
        text_add_string(&body, "\"scopeSpans\":[{");
        add_scope(&body);
        text_add_string(&body, "\"spans\":[");
        if (step == 0) {
            separate(&body, &count);
            add_run_span(&body, runs);
        }
        for (; step < run->count && count < STEPS_A_BODY; step++) {
            separate(&body, &count);
            add_step_span(&body, run, &run->step[step]);
        }
        text_add_string(&body, "]}]}]}");
        done = sink->send(sink->context, &body, error);
    } while (done && step < run->count);
    text_clear(&body);
    return done;
}
