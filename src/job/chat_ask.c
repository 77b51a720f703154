/* One question of a conversation as one request (chat.h). */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "job/aim.h"
#include "job/cause.h"
#include "job/chat.h"
#include "job/chat_stream.h"
#include "load/load.h"
#include "stats/figures.h"
#include "stats/summary.h"

/* A question under way. */
struct asking {
    const struct preparation *preparation;
    const struct chat_question *question;
    const struct chat_picture *picture; /* NULL: none goes along */
    struct chat_stream stream;
    struct chat_response *response;
    bool ended; /* its request was sent, and has come to an end */
};

/* --- What is sent ----------------------------------------------------------------------------- */

static void add_earlier(const struct chat *chat, const struct dialect *dialect,
                        struct text *earlier)
{
    for (size_t i = 0; i < chat->messages; i++) {
        const struct chat_message *one = &chat->message[i];
        const struct dialect_message message = {
            .of_model = one->of_model,
            .text = one->text,
            .image = one->picture.type && dialect->images ? &one->picture.base64 : NULL,
            .image_type = one->picture.type};

        dialect_add_message(dialect, &message, earlier);
    }
}

/* Beside what the settings ask for, which is a JSON object. */
static void add_temperature(const char *params, double temperature, struct text *sampling)
{
    size_t length = strlen(params);

    while (length > 0 && params[length - 1] != '}')
        length--;
    text_add(sampling, params, length > 0 ? length - 1 : 0);
    text_printf(sampling, "%s\"temperature\":", strchr(params, ':') ? "," : "");
    text_add_number(sampling, temperature);
    text_add_char(sampling, '}');
}

/* All of the body but the question itself. */
static void write_body(const struct chat *chat, const struct asking *asking, struct body *body)
{
    const struct dialect *dialect = asking->preparation->target.dialect;
    const struct chat_question *question = asking->question;
    struct ask ask =
        aim_ask(&asking->preparation->settings, question->model, question->output_tokens);
    struct text earlier = {0}, sampling = {0};

    if (!isnan(question->temperature)) {
        add_temperature(ask.sampling_params, question->temperature, &sampling);
        ask.sampling_params = sampling.bytes;
    }
    if (dialect->converses) {
        add_earlier(chat, dialect, &earlier);
        ask.prefix = chat->system;
        ask.session = true;
        ask.earlier = earlier.bytes;
    }
    ask.image = asking->picture != NULL;
    ask.image_type = asking->picture ? asking->picture->type : NULL;
    dialect->write_body(&ask, body);
    text_clear(&earlier);
    text_clear(&sampling);
}

/* --- What the load calls back ------------------------------------------------------------------
 */

static void compose(void *context, struct composed *composed)
{
    const struct asking *asking = context;

    dialect_add_text(&composed->prompt, asking->question->text);
    composed->asked = (struct asked){.output_tokens = asking->question->output_tokens};
}

static void on_text(void *context, const struct text *text)
{
    struct asking *asking = context;

    chat_stream_take(&asking->stream, text);
}

/* What failed, as a run has it, and what the endpoint message of it. */
static void tell_failure(struct asking *asking, const struct request *request)
{
    struct chat_response *response = asking->response;
    struct text words = {0};

    summary_error_code(request->end, request->http_status, response->code, sizeof response->code);
    cause_add_words(asking->preparation, response->code, &words);
    if (*request->message)
        text_printf(&words, " (%s)", request->message);
    response->failure = text_take(&words);
}

static enum load_decision on_request_done(void *context, const struct request *request,
                                          const struct request_texts *texts)
{
    struct asking *asking = context;
    struct chat_response *response = asking->response;
    struct text whole = {0};

    asking->ended = true;
    response->figures = figures_of(request, LATENCY_FROM_SENT);
    response->in_one_piece = request->non_streaming;
    memcpy(response->finish_reason, request->finish_reason, sizeof response->finish_reason);
    response->stopped =
        request->end == REQUEST_CANCELLED && atomic_load(asking->question->stop) != 0;
    if (request->end != REQUEST_COMPLETED && !response->stopped)
        tell_failure(asking, request);
    if (texts && texts->completion && *texts->completion) {
        text_add_string(&whole, texts->completion);
        chat_stream_end(&asking->stream, &whole);
        response->text = text_take(&whole);
    }
    return LOAD_CONTINUE;
}

static void on_progress(void *context, const struct load_progress *progress)
{
    const struct asking *asking = context;

    (void)progress;
    if (asking->question->on_wait)
        asking->question->on_wait(asking->question->context);
}

/* --- The question ----------------------------------------------------------------------------- */

static bool send(struct asking *asking, const struct body *body, struct error *error)
{
    const struct preparation *preparation = asking->preparation;
    const struct row row = {.model_name = (char *)asking->question->model,
                            .num_requests = 1,
                            .concurrent_requests = 1,
                            .output_tokens = asking->question->output_tokens};
    struct load_result result = {0};
    const struct load load = {.target = &preparation->target,
                              .row = &row,
                              .body = body,
                              .image = asking->picture ? &asking->picture->base64 : NULL,
                              .request_timeout_s = preparation->settings.request_timeout_s,
                              .timeout_s = preparation->settings.timeout_s,
                              .preconnect = preparation->settings.connection.preconnect,
                              .threads = 1,
                              .stop = asking->question->stop,
                              .keep_texts = true,
                              .context = asking,
                              .compose = compose,
                              .on_request_done = on_request_done,
                              .on_text = on_text,
                              .on_progress = on_progress};

    return load_run(&load, &result, error);
}

static void conclude(struct chat *chat, const struct asking *asking, struct chat_picture *picture)
{
    if (asking->response->text) {
        chat_add(chat, false, asking->question->text, picture);
        chat_add(chat, true, asking->response->text, NULL);
    } else if (picture) {
        chat_picture_clear(picture);
    }
}

static bool ask(struct chat *chat, struct asking *asking, struct error *error)
{
    struct body body = {0};
    bool done;

    write_body(chat, asking, &body);
    done = send(asking, &body, error);
    body_clear(&body);
    if (done && !asking->ended) /* it was stopped before anything left */
        asking->response->stopped = true;
    return done;
}

bool chat_ask(struct chat *chat, const struct preparation *preparation, struct chat_memory *memory,
              const struct chat_question *question, struct chat_picture *picture,
              struct chat_response *response, struct error *error)
{
    struct asking asking = {
        .preparation = preparation,
        .question = question,
        .picture = picture && picture->type ? picture : NULL,
        .stream = {preparation->secrets, question->on_text, question->context, 0, {0}},
        .response = response};
    struct chat_visit visit;
    const double *value;
    bool done = true;

    *response = (struct chat_response){0};
    for (int i = 0; i < METRIC_COUNT; i++)
        response->figures.value[i] = NAN;
    value = response->figures.value;
    if (asking.picture && !preparation->target.dialect->images)
        return error_set(error, "%s carries no pictures; ask without one",
                         preparation->target.dialect->name);
    visit = chat_memory_begin(memory, preparation->shown_url, question->model);
    done = ask(chat, &asking, error);
    response->switched =
        chat_memory_end(memory, &visit, response->text != NULL, value[METRIC_CLIENT_TTFT_S],
                        value[METRIC_NUMBER_INPUT_TOKENS]);
    conclude(chat, &asking, picture);
    chat_stream_clear(&asking.stream);
    return done;
}
