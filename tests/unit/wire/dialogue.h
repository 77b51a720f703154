/* What the tests of dialects share: endpoints, bodies and events, each a table of cases. */
#ifndef DIALOGUE_H
#define DIALOGUE_H

#include <cjson/cJSON.h>

#include "fast_parse.h"
#include "support.h"
#include "wire/dialect.h"

struct dialogue_address {
    const char *address, *chat, *models, *health; /* NULL: there is none */
};

struct dialogue_body {
    const char *name;
    struct ask ask;
    const char *body;
};

/* What an event says, as letters: Content, Reasoning, Whole, Done, Usage, Failed, Malformed,
 * Keep-alive; the text it adds to a response that is empty; and whether no tree was needed. */
struct dialogue_event {
    const char *name, *payload, *letters, *finish, *text;
    bool fast;
};

static inline void dialogue_expect_url(const char *name, char *(*make)(const char *address),
                                       const char *address, const char *wanted)
{
    char *url = make ? make(address) : NULL;

    expect_text(name, url ? url : "none", wanted ? wanted : "none");
    free(url);
}

static inline void dialogue_check_addresses(const struct dialect *dialect,
                                            const struct dialogue_address *cases, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const char *address = cases[i].address;

        dialogue_expect_url(address, dialect->chat_url, address, cases[i].chat);
        dialogue_expect_url(address, dialect->models_url, address, cases[i].models);
        dialogue_expect_url(address, dialect->health_url, address, cases[i].health);
    }
}

static inline void dialogue_check_bodies(const struct dialect *dialect,
                                         const struct dialogue_body *cases, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct body body = {0};
        struct text whole = {0};
        cJSON *parsed;

        dialect->write_body(&cases[i].ask, &body);
        text_add_string(&whole, body.head.bytes);
        dialect_add_text(&whole, "a \"b\"");
        if (cases[i].ask.image) {
            text_add_string(&whole, body.middle.bytes);
            text_add_string(&whole, "iVBORw0=");
        }
        text_add_string(&whole, body.tail.bytes);
        expect_text(cases[i].name, whole.bytes, cases[i].body);
        parsed = cJSON_Parse(whole.bytes);
        expect_true(cases[i].name, parsed);
        cJSON_Delete(parsed);
        text_clear(&whole);
        body_clear(&body);
    }
}

static inline void dialogue_letters(const struct event *event, char letters[16])
{
    snprintf(letters, 16, "%s%s%s%s%s%s%s%s", event->content ? "C" : "",
             event->reasoning ? "R" : "", event->whole ? "W" : "", event->done ? "D" : "",
             event->has_usage ? "U" : "", event->failed ? "F" : "", event->malformed ? "M" : "",
             event->keep_alive ? "K" : "");
}

static inline void dialogue_check_events(const struct dialect *dialect,
                                         const struct dialogue_event *cases, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        size_t length = strlen(cases[i].payload);
        struct text text = {0};
        struct event event;
        char letters[16];

        expect_true(cases[i].name,
                    fast_parse_check(dialect, cases[i].payload, length) == cases[i].fast);
        dialect->read_event(cases[i].payload, length, &event);
        dialogue_letters(&event, letters);
        expect_text(cases[i].name, letters, cases[i].letters);
        expect_text(cases[i].name, event.finish_reason, cases[i].finish);
        dialect->add_content(cases[i].payload, length, &text);
        expect_text(cases[i].name, text.bytes ? text.bytes : "", cases[i].text);
        text_clear(&text);
    }
}

/* The usage that an event reports. */
static inline struct usage dialogue_usage(const struct dialect *dialect, const char *payload)
{
    struct event event;

    dialect->read_event(payload, strlen(payload), &event);
    expect_true(payload, event.has_usage);
    return event.usage;
}

/* What a response says that came whole; NAN where it has no usage. */
static inline void dialogue_check_page(const struct dialect *dialect, const char *page,
                                       const char *text, const char *finish, double output_tokens)
{
    struct text response = {0};
    struct event event;

    expect_true(page, dialect->read_page(page, strlen(page), &event, &response) == (*text != 0));
    expect_text(page, response.bytes ? response.bytes : "", text);
    if (*text) {
        expect_text(page, event.finish_reason, finish);
        expect_number(page, event.has_usage ? event.usage.output_tokens : NAN, output_tokens);
    }
    text_clear(&response);
}

#endif
