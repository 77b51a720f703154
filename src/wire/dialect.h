/* How a kind of endpoint speaks: where its doors are, what a request's body looks like, and what an
 * event of its answer says. One table entry and one file per dialect (formats.md, section 4). */
#ifndef WIRE_DIALECT_H
#define WIRE_DIALECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/text.h"
#include "record/request.h"
#include "wire/count.h"
#include "wire/stream.h"
#include "wire/walk.h"

/* What every request of a row asks for, but for its own text. */
struct ask {
    const char *model;
    int64_t output_tokens;
    bool image;
    const char *image_type; /* "image/jpeg"; NULL: "image/png" */
    bool ignore_eos;
    const char *sampling_params; /* a JSON object */
};

/* A request's body, but for what differs: its text stands between head and middle, the row's image
 * (base64) between middle and tail. So one image serves every request in flight. */
struct body {
    struct text head, middle, tail;
};

void body_clear(struct body *body);

/* A usage in which nothing is known: all NAN. */
extern const struct usage usage_unknown;

/* What one event says. */
struct event {
    bool content, reasoning; /* has some, not empty */
    bool whole;              /* has the whole text again; content where none came before */
    bool done;               /* the dialect's own end mark */
    bool has_usage;
    bool failed;            /* an error object */
    bool malformed;         /* not what the dialect speaks */
    char finish_reason[32]; /* "" where it says none */
    struct usage usage;     /* where has_usage, else nothing */
    char id[REQUEST_ID];    /* the same: the answer's, "" where it has none */
    char message[512];      /* where failed or malformed, else nothing */
};

/* An event that says nothing. What stands only under a flag is left as it is: events are many. */
void event_reset(struct event *event);

struct dialect {
    const char *name;
    enum stream_framing framing;
    bool images; /* can carry one */
    bool (*speaks)(const char *api, const char *address);
    /* Whether a request for that model says so; else the endpoint answers with its own. NULL:
     * always.
     */
    bool (*names_model)(const char *model);
    char *(*chat_url)(const char *address);   /* where requests go; the caller frees */
    char *(*models_url)(const char *address); /* lists the models; NULL: nothing does */
    const struct count_door *count_doors;     /* that there may be; NULL: none */
    char *(*idle_url)(const char *address);   /* touches no model, for opening connections */
    char *(*key_header)(const char *key);     /* "Name: value"; the caller frees */
    void (*write_body)(const struct ask *ask, struct body *body);
    /* What the event says, whatever it is. */
    void (*read_event)(const char *payload, size_t length, struct event *event);
    /* The same for an answer that came whole, though a stream was asked for, and adds its content
     * to `answer`; false where that is none. NULL: what comes whole is an event. */
    bool (*read_page)(const char *body, size_t length, struct event *event, struct text *answer);
    /* As read_event for common events, from one pass and without a tree; false, and the event is
     * undefined, where only read_event can tell. `before` keeps what makes the next one faster. */
    bool (*skim_event)(const char *payload, size_t length, struct walk_before *before,
                       struct event *event);
    /* Adds an event's content, escapes undone and otherwise as it was sent, to what the events
     * before it added to `answer`; reasoning is left out, and one without content adds nothing. An
     * escaped NUL ends an event's content. Slow: for runs that keep what was said. */
    void (*add_content)(const char *payload, size_t length, struct text *answer);
};

/* Skims the event, and reads it where that is not enough. `before` is best an answer's own. */
void dialect_take_event(const struct dialect *dialect, const char *payload, size_t length,
                        struct walk_before *before, struct event *event);

/* The dialect for an endpoint; NULL where none fits its address. */
const struct dialect *dialect_find(const char *api, const char *address);

/* Adds a prompt as it stands inside a body, between head and middle. */
void dialect_add_text(struct text *body, const char *prompt);

/* One sentence from a failed answer's body: its error's message, or its first bytes made printable.
 */
void dialect_read_failure(const char *body, size_t length, char *message, size_t size);

/* A model the endpoint lists. */
struct listed_model {
    char *id;
    int64_t context_length; /* 0: not told */
};

struct listed_models {
    struct listed_model *model;
    size_t count;
};

/* Reads the answer of `models_url`; false where it lists none. */
bool dialect_read_models(const char *body, size_t length, struct listed_models *models);
void listed_models_clear(struct listed_models *models);

#endif
