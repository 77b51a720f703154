#include "command/plan_json.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/exit.h"
#include "core/memory.h"
#include "core/text.h"
#include "job/addressing.h"
#include "job/cause.h"
#include "job/listing.h"
#include "job/remarks.h"
#include "plan/advice.h"
#include "search/search.h"

/* --- What is found ---------------------------------------------------------------------------- */

/* Of a plan that can be read: what else is odd, or wrong. */
static void look_further(struct preparation *preparation, bool offline, struct faults *faults)
{
    struct text text = {0};

    if (preparation->settings.search.asked)
        search_check(preparation, faults, &preparation->warnings);
    remarks_add(preparation);
    if (!offline) {
        addressing_warn(preparation);
        remarks_add_listed(preparation, &text);
        text_reset(&text);
        if (cause_shows(preparation, &text))
            faults_add(faults, NULL, 0, "endpoint: %s; --offline plans without asking it",
                       text.bytes);
    }
    text_clear(&text);
}

/* --- What is printed -------------------------------------------------------------------------- */

static void add_text(struct text *json, const char *key, const char *value)
{
    text_printf(json, ", \"%s\": ", key);
    if (value)
        text_add_json(json, value);
    else
        text_add_string(json, "null");
}

/* `length` bytes; of 0 it is null. */
static void add_part(struct text *json, const char *key, const char *bytes, size_t length)
{
    char *part = length > 0 ? memory_bytes(bytes, length) : NULL;

    add_text(json, key, part);
    free(part);
}

static void add_fault(struct text *json, const struct faults *faults, size_t i)
{
    const char *text = faults->text[i], *field;
    const struct fault_place *place = &faults->place[i];
    size_t length = fault_field(text + place->sentence, &field);

    text_add_string(json, i > 0 ? ", {\"text\": " : "{\"text\": ");
    text_add_json(json, text);
    add_part(json, "file", text, place->file_length);
    if (place->line > 0)
        text_printf(json, ", \"line\": %d", place->line);
    else
        add_text(json, "line", NULL);
    add_part(json, "field", field, length);
    text_add_char(json, '}');
}

static void add_faults(struct text *json, const char *key, const struct faults *faults)
{
    text_printf(json, ", \"%s\": [", key);
    for (size_t i = 0; i < faults->count; i++)
        add_fault(json, faults, i);
    text_add_char(json, ']');
}

static void add_seconds(struct text *json, double seconds)
{
    text_add_string(json, ", \"time_s\": ");
    text_add_number(json, seconds);
}

static void add_totals(struct text *json, const struct preparation *preparation)
{
    const struct settings *settings = &preparation->settings;
    const struct advice_totals totals =
        advice_total(&preparation->rows, &preparation->order, settings);

    text_printf(json,
                ", \"totals\": {\"rows\": %zu, \"steps\": %zu, \"requests\": %lld, "
                "\"input_tokens\": %lld, \"output_tokens\": %lld, \"opening_requests\": %lld, "
                "\"at_most\": %s}",
                preparation->rows.count, preparation->order.count, (long long)totals.requests,
                (long long)totals.input_tokens, (long long)totals.output_tokens,
                (long long)totals.opening_requests,
                stop_asked(&settings->stop_when) ? "true" : "false");
    add_seconds(json, totals.seconds);
}

/* What a search of it may take at most; null where the config has none. */
static void add_search(struct text *json, const struct preparation *preparation)
{
    struct search_most most;

    if (!preparation->settings.search.asked) {
        add_text(json, "search", NULL);
        return;
    }
    most = search_most(preparation);
    text_printf(json, ", \"search\": {\"rows\": %zu, \"steps\": %zu, \"requests\": ", most.rows,
                most.steps);
    text_add_number(json, ceil(most.requests));
    add_seconds(json, most.seconds);
    text_add_char(json, '}');
}

static void print(const struct preparation *preparation, const struct faults *faults, bool is_read)
{
    struct text json = {0};

    text_printf(&json, "{\"sound\": %s", faults->count == 0 ? "true" : "false");
    add_faults(&json, "faults", faults);
    add_faults(&json, "warnings", &preparation->warnings);
    add_text(&json, "config", preparation->config_path);
    add_text(&json, "rows_file", is_read ? preparation->settings.model_configs_path : NULL);
    add_text(&json, "endpoint", is_read ? preparation->endpoint.shown : NULL);
    if (faults->count == 0) {
        add_totals(&json, preparation);
        add_search(&json, preparation);
    } else {
        text_add_string(&json, ", \"totals\": null, \"time_s\": null, \"search\": null");
    }
    text_add_string(&json, "}\n");
    fwrite(json.bytes, 1, json.length, stdout);
    text_clear(&json);
}

int plan_json(const struct prepare_options *options, bool offline, const char *config)
{
    struct preparation preparation = {0};
    struct faults faults = {0};
    bool is_read = prepare(&preparation, options, config, &faults);
    int code;

    if (is_read && !offline)
        listing_join(&preparation);
    if (is_read)
        look_further(&preparation, offline, &faults);
    print(&preparation, &faults, is_read);
    code = faults.count == 0 ? EXIT_DONE : EXIT_BAD_INPUT;
    faults_clear(&faults);
    prepare_clear(&preparation);
    return code;
}
