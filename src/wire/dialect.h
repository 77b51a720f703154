/* How a kind of endpoint speaks: where its endpoints are, what a request's body looks like, and
 * what an event of its response says. One table entry and one file per dialect (docs/wire.md). */
#ifndef WIRE_DIALECT_H
#define WIRE_DIALECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/text.h"
#include "record/request.h"
#include "wire/count.h"
#include "wire/json_scan.h"
#include "wire/stream.h"

/* Whether a stream is to bear the server's counts. */
enum ask_usage {
    ASK_USAGE_AT_END,
    ASK_USAGE_NOT,
    ASK_USAGE_EACH, /* in each chunk too, as vLLM and SGLang can */
};

/* What every request of a row asks for, but for its own text. */
struct ask {
    const char *model;
    int64_t output_tokens;
    const char *prefix;  /* a system message ahead of the user's; only where the dialect converses.
                          * NULL: none */
    bool session;        /* later turns may follow the text (dialect_add_turn); likewise */
    const char *earlier; /* of a session: messages between the system's and the text
                          * (dialect_add_message); NULL: none */
    bool image;
    const char *image_type; /* "image/jpeg"; NULL: "image/png" */
    bool ignore_eos;
    const char *sampling_params;  /* a JSON object */
    bool whole;                   /* no stream is asked for; only of a dialect with read_page */
    const char *output_tokens_as; /* the member that bears output_tokens; NULL: "max_tokens" */
    enum ask_usage usage;
};

/* A request's body, but for what differs: its text stands between head and middle, the row's image
 * (base64) between middle and tail. So one image serves every request in flight. */
struct body {
    struct text head, middle, tail;
};

void body_clear(struct body *body);

/* A usage in which nothing is known: all NAN. */
extern const struct usage usage_unknown;

/* Adds a later report to what a response has reported so far: each measurement that it has takes
 * the place of the one before, but a count of prompt, completion or all tokens that is 0 takes the
 * place of none. */
void usage_add(struct usage *usage, const struct usage *later);

/* The response has ended. Beside chunks such a count that is still 0 was not reported, unless the
 * total shows that reasoning is all there was. */
void usage_conclude(struct usage *usage, bool has_chunks);

/* What one event says. */
struct event {
    bool content, reasoning; /* has some, not empty (wire/delta.h) */
    bool whole;              /* has the whole text again; content where none came before */
    bool done;               /* the dialect's own end mark */
    bool keep_alive;         /* says nothing, and is no part of the response */
    bool has_usage;
    bool failed;            /* an error object */
    bool malformed;         /* not what the dialect speaks */
    char finish_reason[32]; /* "" where it says none */
    struct usage usage;     /* where has_usage, else nothing */
    bool alone;             /* the same: without any choice beside it */
    char id[REQUEST_ID];    /* the same: the response's, "" where it has none */
    char message[512];      /* where failed or malformed, else nothing */
};

/* An event that says nothing. What stands only under a flag is left as it is: events are many. */
void event_reset(struct event *event);

/* How a user's content bears a picture (base64) beside its text, in the dialects that converse:
 * open, text, before_type, the picture's type, before_data, picture, close. */
struct picture_form {
    const char *open, *before_type;
    const char *before_data; /* NULL: the type is not said */
    const char *close;
};

struct dialect {
    const char *name;
    enum stream_framing framing;
    bool images;    /* can carry one */
    bool converses; /* a body is a list of messages: of the system, the user, the model */
    const struct picture_form *picture; /* in a message; NULL: it does not converse */
    bool asks_ignore_eos;               /* can ask the model not to end by itself */
    bool takes_choices;                 /* output_tokens_as and usage of an ask make a difference */
    const char *header; /* a further one of each request, "Name: value"; NULL: none */
    /* Where its kind of endpoint speaks several (core/api.h): whether an address is of this one.
     * NULL: never. */
    bool (*fits)(const char *address);
    /* Whether a request for that model says so; else the endpoint responds with its own. NULL:
     * always.
     */
    bool (*names_model)(const char *model);
    const char *unnamed; /* where one does not: what a request then says, as half a sentence */
    char *(*chat_url)(const char *address);       /* where requests go; the caller frees */
    char *(*models_url)(const char *address);     /* lists the models; NULL: nothing does */
    const struct count_endpoint *count_endpoints; /* that there may be; NULL: none */
    char *(*health_url)(const char *address); /* returns 200 once it is ready; NULL: nothing does */
    char *(*idle_url)(const char *address);   /* touches no model, for opening connections */
    char *(*key_header)(const char *key); /* "Name: value"; the caller frees. NULL: none is sent */
    void (*write_body)(const struct ask *ask, struct body *body);
    /* What the event says, whatever it is. */
    void (*read_event)(const char *payload, size_t length, struct event *event);
    /* The same for a response that came whole, though a stream was asked for, and adds its content
     * to `response`; false where that is none. NULL: what comes whole is an event. */
    bool (*read_page)(const char *body, size_t length, struct event *event, struct text *response);
    /* As read_event for common events, from one pass and without a tree; false, and the event is
     * undefined, where only read_event can tell. `before` keeps what makes the next one faster. */
    bool (*fast_parse_event)(const char *payload, size_t length, struct scan_previous *before,
                             struct event *event);
    /* Whether a chunk, which has a choice, bears the response's id or model, not empty. NULL: none
     * ever does. */
    bool (*identifies)(const char *payload, size_t length);
    /* Adds an event's content, escapes undone and otherwise as it was sent, to what the events
     * before it added to `response`, refusals and the arguments of tool calls too; reasoning is
     * left out, and one without content adds nothing. A NUL is C0 80 (core/nul.h). Slow: for runs
     * that keep texts. */
    void (*add_content)(const char *payload, size_t length, struct text *response);
};

/* Parses the event fast, and reads it where that is not enough. `before` is best a response's own.
 */
void dialect_take_event(const struct dialect *dialect, const char *payload, size_t length,
                        struct scan_previous *before, struct event *event);

/* The dialect for a kind of endpoint (core/api.h) and its address; NULL where none fits that. */
const struct dialect *dialect_find(const char *api, const char *address);

/* Adds a prompt as it stands inside a body, between head and middle. */
void dialect_add_text(struct text *body, const char *prompt);

/* Adds to the text that stands inside a body what came in response to it, as the model's message,
 * and what the user says then; only where the dialect converses, in a body of a session. Returns
 * where in `body` the user's text begins. */
size_t dialect_add_turn(struct text *body, const char *response, const char *prompt);

/* A message of a conversation that was said before. */
struct dialect_message {
    bool of_model; /* else the user's */
    const char *text;
    const struct text *image; /* base64; NULL: none. The user's only, where the dialect has any */
    const char *image_type;   /* NULL: "image/png" */
};

/* Adds it, with a comma behind it, to what an ask bears as `earlier`; only where the dialect
 * converses. */
void dialect_add_message(const struct dialect *dialect, const struct dialect_message *message,
                         struct text *earlier);

/* One sentence from a failed response's body: its error's message, or its first bytes made
 * printable. */
void dialect_read_failure(const char *body, size_t length, char *message, size_t size);

/* How a model stands, where the list says so: by `status`, a text or an object with a text `value`
 * (llama-server's router, where `failed` beside it wins). */
enum model_status {
    MODEL_STATUS_UNKNOWN,
    MODEL_LOADED,
    MODEL_UNLOADED,
    MODEL_LOADING,
    MODEL_SLEEPING,
    MODEL_FAILED,
    MODEL_STATUSES
};

/* "" for unknown, "loaded", "unloaded" … */
extern const char *const model_status_words[MODEL_STATUSES];

/* A model the endpoint lists. */
struct listed_model {
    char *id;
    int64_t
        context_length; /* in tokens; 0: not reported. Of several members that tell one
                         * (`context_length`, `max_model_len`, `max_context_length`, `meta.n_ctx`,
                         * `top_provider.context_length`) the least, since all of them hold */
    enum model_status status;
    char *owned_by; /* "" where the list has none */
    char *says;     /* what it is, in one line of JSON, and nothing that differs from list to list:
                     * `id`,     `owned_by`, `root`, the context and the plain members of `meta` */
};

struct listed_models {
    struct listed_model *model;
    size_t count;
};

/* Reads the response of `models_url`; false where it lists none. */
bool dialect_read_models(const char *body, size_t length, struct listed_models *models);
void listed_models_clear(struct listed_models *models);

/* Whether a model of the list is owned by `owner`, as its `owned_by` has it. */
bool listed_models_owned_by(const struct listed_models *models, const char *owner);

/* Adds what the list says of its endpoint, whatever order it has: "7 models, " and the first 16
 * hexadecimal digits of SHA-256 over what its models say. */
void listed_models_say(const struct listed_models *models, struct text *line);

/* The model of that name. Where the list has no such name, `X` is `X:latest` and the other way
 * round, as in Ollama. NULL: it is not listed. */
const struct listed_model *listed_models_find(const struct listed_models *models, const char *name);

/* Whether two names differ by `:latest` alone, or not at all. */
bool listed_names_alike(const char *a, const char *b);

/* Whether two names are one model: they are equal, or the list finds the same by them. */
bool listed_models_same(const struct listed_models *models, const char *a, const char *b);

#endif
