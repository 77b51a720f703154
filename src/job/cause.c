#include "job/cause.h"

#include <stdio.h>
#include <string.h>

#include "job/listing.h"
#include "load/fetch.h"
#include "record/step.h"
#include "report/failure_words.h"

static const struct {
    const char *code;
    enum cause cause;
} causes[] = {
    {"connection_refused", CAUSE_CONNECTION},
    {"dns_error", CAUSE_CONNECTION},
    {"tls_error", CAUSE_CONNECTION},
    {"401", CAUSE_KEY},
    {"403", CAUSE_KEY},
};

enum cause cause_of(const char *code)
{
    for (size_t i = 0; i < sizeof causes / sizeof *causes; i++) {
        if (strcmp(causes[i].code, code) == 0)
            return causes[i].cause;
    }
    return CAUSE_NONE;
}

void cause_add_words(const struct preparation *preparation, const char *code, struct text *text)
{
    const struct failure_facts facts = {.address = preparation->endpoint.shown,
                                        .key_source = preparation->endpoint.key_source};

    failure_words_add(code, &facts, text);
}

/* --- Before a run ----------------------------------------------------------------------------- */

static struct listing_reached ask(const struct preparation *preparation, struct error *error)
{
    const struct fetch how = {.url = preparation->idle_url,
                              .timeout_s = preparation->target.connect_timeout_s};
    struct fetched fetched = {0};
    struct listing_reached reached;

    if (preparation->models_url) {
        listing_models(preparation, error);
        return listing_reached(preparation);
    }
    fetch_ask(&preparation->target, &how, &fetched, error);
    reached = (struct listing_reached){fetched.end, 0};
    fetched_clear(&fetched);
    return reached;
}

bool cause_shows(const struct preparation *preparation, struct text *why)
{
    struct error error = {0};
    struct listing_reached reached = ask(preparation, &error);
    char code[ERROR_CODE];

    if (reached.end != REQUEST_COMPLETED)
        snprintf(code, sizeof code, "%s", request_end_words[reached.end]);
    else
        snprintf(code, sizeof code, "%d", reached.status);
    if (cause_of(code) == CAUSE_NONE)
        return false;
    cause_add_words(preparation, code, why);
    text_printf(why, "; %s", error.text);
    return true;
}
