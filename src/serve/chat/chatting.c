/* Chats: a question and its response as it comes, its stop, and the conversation as a data set. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/memory.h"
#include "serve/chat/chat_request.h"
#include "serve/http/background.h"
#include "serve/http/body_file.h"
#include "serve/http/exchange.h"
#include "serve/own_folder.h"
#include "serve/responders.h"
#include "serve/start/endpoints.h"
#include "serve/start/under_way.h"
#include "serve/workbench.h"

/* --- A question ------------------------------------------------------------------------------- */

/* Whether nothing is measured there; else it has its reply. */
static bool is_free(struct workbench *workbench, struct exchange *exchange,
                    const struct endpoint *endpoint)
{
    struct under_way_run run;

    if (!under_way_find(workbench->under_way, endpoint->shown, UNDER_WAY_NOW_S, &run))
        return true;
    exchange_refuse(exchange, 409, "the run '%s' measures this endpoint: chat again at its end",
                    run.name);
    under_way_run_clear(&run);
    return false;
}

static bool open_endpoint(struct exchange *exchange, const struct typed_endpoint *typed,
                          enum llm_api api, struct chats_question *question)
{
    const struct prepare_options where = {.api = api_names[api],
                                          .url = typed->key ? NULL : typed->address,
                                          .address = typed->key ? typed->address : NULL,
                                          .key = typed->key};
    struct faults faults = {0};
    bool done;

    question->endpoint = memory_new(1, sizeof *question->endpoint);
    done = chat_endpoint_open(question->endpoint, &where, &faults);

    if (!done)
        exchange_refuse(exchange, 502, "%s",
                        faults.count > 0 ? faults.text[0] : "the endpoint is not known");
    faults_clear(&faults);
    return done;
}

/* Whether there is an endpoint, and it may be asked; else it has its reply. */
static bool find_endpoint(struct workbench *workbench, struct exchange *exchange,
                          struct chats_question *question)
{
    struct typed_endpoint typed;
    struct endpoint endpoint;
    struct error error;
    enum llm_api api;
    bool done = false;

    endpoints_get(workbench->endpoints, exchange_header(exchange, "X-Coebench"), &typed);
    if (!endpoints_look_up(workbench, &typed, &api, &endpoint, &error))
        exchange_refuse(exchange, 502, "%s", error.text);
    else if (is_free(workbench, exchange, &endpoint))
        done = open_endpoint(exchange, &typed, api, question);
    endpoint_clear(&endpoint);
    typed_endpoint_clear(&typed);
    return done;
}

static void do_chat(struct workbench *workbench, struct exchange *exchange, atomic_bool *stop)
{
    const struct text *body = exchange_body(exchange);
    struct chats_question question = {0};
    struct error error;

    (void)stop;
    if (!chat_request_read(workbench, body->bytes, body->length, &question, &error))
        exchange_refuse(exchange, 400, "%s", error.text);
    else if (find_endpoint(workbench, exchange, &question))
        chats_begin(workbench->chats, exchange, &question);
    chats_question_clear(&question);
}

void respond_chat(struct workbench *workbench, struct exchange *exchange)
{
    background_do(workbench->background, exchange, do_chat);
}

/* --- Its end ---------------------------------------------------------------------------------- */

void respond_chat_stop(struct workbench *workbench, struct exchange *exchange)
{
    const struct text *body = exchange_body(exchange);
    struct text none = {0};

    if (body->length != CHATS_ID - 1 || !chats_end(workbench->chats, body->bytes))
        exchange_refuse(exchange, 404, "no chat of this id is under way");
    else
        exchange_reply(exchange, 204, EXCHANGE_JSON, "application/json", &none);
}

/* --- As a data set ---------------------------------------------------------------------------- */

static void reply_saved(const struct workbench *workbench, struct exchange *exchange,
                        const char *name, const struct text *line, size_t left_out)
{
    char *below = memory_printf("%s/%s", body_file_folder, name);
    char *path = own_folder_path(workbench, below), *whole = realpath(path, NULL);
    struct text json = {0};

    text_printf(&json, "{\"name\":\"%s\",\"reference\":", name);
    text_add_json(&json, whole ? whole : path);
    text_printf(&json, ",\"bytes\":%zu,\"pictures_left_out\":%zu,\"dataset\":", line->length,
                left_out);
    text_add_json(&json, line->bytes);
    text_add_string(&json, "}\n");
    exchange_reply(exchange, 201, EXCHANGE_JSON, "application/json", &json);
    free(below);
    free(path);
    free(whole);
}

static bool write_line(const struct workbench *workbench, const char *name, const struct text *line,
                       struct error *error)
{
    int folder = own_folder_open(workbench, body_file_folder, error);
    bool done = folder >= 0 && own_folder_write(folder, name, line->bytes, line->length, error);

    if (folder >= 0)
        close(folder);
    return done;
}

static void save(struct workbench *workbench, struct exchange *exchange, const struct chat *chat)
{
    char drawn[OWN_NAME], *name;
    struct text line = {0};
    size_t left_out = chat_add_dataset(chat, &line);
    struct error error;

    own_name_draw(drawn);
    name = memory_printf("%s.jsonl", drawn);
    if (write_line(workbench, name, &line, &error))
        reply_saved(workbench, exchange, name, &line, left_out);
    else
        exchange_refuse(exchange, 507, "%s", error.text);
    text_clear(&line);
    free(name);
}

static void do_save(struct workbench *workbench, struct exchange *exchange, atomic_bool *stop)
{
    const struct text *body = exchange_body(exchange);
    struct chat chat = {0};
    struct error error;

    (void)stop;
    if (chat_request_read_conversation(workbench, body->bytes, body->length, &chat, &error))
        save(workbench, exchange, &chat);
    else
        exchange_refuse(exchange, 400, "%s", error.text);
    chat_clear(&chat);
}

void respond_chat_save(struct workbench *workbench, struct exchange *exchange)
{
    background_do(workbench->background, exchange, do_save);
}
