/* The dialects that the simulator speaks: one file each, behind one struct. A dialect is added by
 * writing its file and its line in the table of dialect.c.
 *
 * They are written from the documents alone and share nothing with the client, so that neither can
 * hide the other's mistakes; hence their names' prefix. */
#ifndef SIM_DIALECT_H
#define SIM_DIALECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/text.h"
#include "sim/http.h"
#include "sim/node_file.h"
#include "sim/question.h"
#include "sim/refusal.h"
#include "sim/token_text.h"

struct cJSON;

struct sim_dialect {
    const char *api;         /* who speaks it, for people: the values of llm_api */
    const char *path;        /* where questions that stream are put */
    const char *stream_type; /* the media type of its streams */
    const char *key_form;    /* how a key is sent, for people: "key: KEY" */

    const char *const *fields; /* all that its documents know in a body; ends with NULL */
    const char *event_start;   /* what stands before the JSON of an event */
    const char *error_start;   /* the same of an error inside a stream; NULL: event_start */
    const char *event_end;     /* and behind it */
    const char *comment;       /* an event that says nothing; NULL: there is none */
    const char *done;          /* the event that says that a stream ends; NULL: there is none */

    /* Whether questions are put at `path`; where the path also says whether the response streams,
     * it goes to `stream`, which is false before. NULL: at the dialect's path alone. */
    bool (*matches)(const char *path, bool *stream);

    /* The key that a request bears, or NULL. NULL: none is asked for. */
    const char *(*key)(const struct http_request *request);

    /* Whether the head of a request is as it must be, else a refusal; NULL: any is. */
    bool (*accepts)(const struct http_request *request, struct refusal *refusal);

    /* Reads a body, a JSON object, into a question that knows its dialect and what the path asks.
     * False and a refusal where it cannot be served. */
    bool (*read)(const struct node_file *file, const struct cJSON *body, struct question *question,
                 struct refusal *refusal);

    /* Adds the event that may come before the first token; NULL: there is none. */
    void (*add_opening)(struct text *event, const struct token_text *token_text);

    /* Adds the event of `count` tokens from token `first`, which is from 0; or of
     * one, whose place is to be marked, where that is TOKEN_TEXT_MARK. */
    void (*add_tokens)(struct text *event, const struct token_text *token_text, int64_t first,
                       int64_t count);

    /* Whether the events of single tokens differ in their words alone, as token_text_add_word adds
     * them, unless the server's manner makes them differ (behaviour.h); then the event is composed
     * once and filled anew (event_template.h). */
    bool tokens_alike;

    /* Adds event `k`, from 0, of those that end a stream; false, and nothing, after the last. */
    bool (*add_end)(struct text *event, const struct token_text *token_text, int k);

    /* Adds the whole response as one JSON object. */
    void (*add_whole)(struct text *json, const struct token_text *token_text);

    /* Adds an error inside a stream; NULL: as add_refusal. */
    void (*add_failure)(struct text *json, const struct refusal *refusal);

    /* Adds what is sent instead of a response. */
    void (*add_refusal)(struct text *json, const struct refusal *refusal);
};

extern const struct sim_dialect sim_openai;      /* formats.md, 4a */
extern const struct sim_dialect sim_completions; /* POST /v1/completions */
extern const struct sim_dialect sim_responses;   /* POST /v1/responses */
extern const struct sim_dialect sim_anthropic;   /* POST /v1/messages */
extern const struct sim_dialect sim_ollama;      /* POST /api/chat */
extern const struct sim_dialect sim_tgi;         /* POST /generate_stream and /generate */
extern const struct sim_dialect sim_generic_v2;  /* formats.md, 4b */
extern const struct sim_dialect sim_generic_v1;  /* formats.md, 4c */

/* The dialect in which questions are put at `path`, and whether that path streams; NULL for none.
 */
const struct sim_dialect *sim_dialect_find(const char *path, bool *stream);

/* Dialect `i`, from 0; NULL after the last. */
const struct sim_dialect *sim_dialect_at(size_t i);

#endif
