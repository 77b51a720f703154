/* coebench chat: a conversation with a model, in the terminal or over a pipe. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "command/api_words.h"
#include "command/chat_lines.h"
#include "command/chat_session.h"
#include "command/command.h"
#include "command/notices.h"
#include "command/prepare_options.h"
#include "core/memory.h"
#include "job/chat_endpoint.h"

struct chat_options {
    struct prepare_words prepare;
    const char *system, *image, *output_tokens, *temperature;
    bool json;
};

enum { QUESTION_MOST = 16 << 20 };

/* --- What is asked ---------------------------------------------------------------------------- */

static bool read_image(const struct chat_options *options, struct chat_session *session)
{
    struct error error;

    if (!options->image || chat_picture_read(&session->picture, options->image, &error))
        return true;
    fprintf(stderr, "coebench chat: --image: %s\n", error.text);
    return false;
}

static bool has_name(const char *model)
{
    if (*model)
        return true;
    fputs("coebench chat: MODEL is empty; name one as the endpoint does\n", stderr);
    return false;
}

static bool read_options(const struct chat_options *options, const char *model,
                         struct chat_session *session)
{
    *session = (struct chat_session){.memory = chat_memory_new(),
                                     .model = memory_text(model),
                                     .output_tokens = CHAT_TOKENS,
                                     .temperature = NAN,
                                     .json = options->json};
    chat_set_system(&session->chat, options->system);
    return has_name(model) &&
           (!options->output_tokens ||
            chat_read_tokens("coebench chat: --output-tokens", options->output_tokens,
                             &session->output_tokens)) &&
           (!options->temperature ||
            chat_read_temperature("coebench chat: --temperature", options->temperature,
                                  &session->temperature)) &&
           read_image(options, session);
}

static bool open_endpoint(const struct chat_options *options, struct chat_endpoint *endpoint)
{
    struct prepare_options where = prepare_options_of(&options->prepare);
    struct faults faults = {0};
    bool done;

    if (where.url && !where.api)
        where.api = api_by_key();
    if (where.api && !api_is_known("chat", where.api))
        return false;
    done = chat_endpoint_open(endpoint, &where, &faults);
    notices_warn(&endpoint->preparation.warnings);
    notices_refuse(&faults);
    faults_clear(&faults);
    return done;
}

/* --- The conversation ------------------------------------------------------------------------- */

static void take_line(struct chat_session *session, const char *line)
{
    if (line[strspn(line, " \t\r\n")] == '\0')
        return;
    if (line[0] == '/' && line[1] != '/')
        chat_session_obey(session, line);
    else
        chat_session_ask(session, line[0] == '/' ? line + 1 : line);
}

static int converse(struct chat_session *session)
{
    struct text kept = {0}, line = {0};

    fprintf(stderr, "%s at %s. /help lists commands, Ctrl-C stops a response, Ctrl-D ends.\n",
            session->model, session->preparation->endpoint.shown);
    while (!session->over && chat_signals_begin()) {
        enum chat_line read;

        fputs("> ", stderr);
        read = chat_line_read(&kept, &line);
        if (read == CHAT_LINE)
            take_line(session, line.bytes ? line.bytes : "");
        else
            fputs(read == CHAT_LINE_CANCELLED ? "\n(Ctrl-D ends)\n" : "\n", stderr);
        session->over |= read == CHAT_LINE_END;
    }
    text_clear(&kept);
    text_clear(&line);
    return chat_signals_code() == EXIT_TERMINATED ? EXIT_TERMINATED : EXIT_DONE;
}

static int complain(const char *sentence)
{
    fprintf(stderr, "coebench chat: %s\n", sentence);
    return EXIT_BAD_INPUT;
}

/* All of standard input is one question. */
static int ask_once(struct chat_session *session)
{
    struct text question = {0};
    int code = EXIT_INCOMPLETE;

    if (!chat_input_read(QUESTION_MOST, &question))
        code = chat_signals_code() ? chat_signals_code()
                                   : complain("standard input cannot be read, or has more than "
                                              "16 MiB");
    else if (!question.bytes || strspn(question.bytes, " \t\r\n") == question.length)
        code = complain("no question came on standard input");
    else if (memchr(question.bytes, '\0', question.length))
        code = complain("the question holds a zero byte; it is no text");
    else if (chat_session_ask(session, question.bytes))
        code = EXIT_DONE;
    text_clear(&question);
    return code == EXIT_INCOMPLETE && chat_signals_code() ? chat_signals_code() : code;
}

static int chat(const void *context, char **arguments)
{
    const struct chat_options *options = context;
    struct chat_endpoint endpoint = {0};
    struct chat_session session;
    int code = EXIT_BAD_INPUT;

    if (read_options(options, arguments[0], &session) && open_endpoint(options, &endpoint)) {
        session.preparation = &endpoint.preparation;
        chat_session_note_limits(&session);
        chat_signals_catch();
        code = isatty(STDIN_FILENO) ? converse(&session) : ask_once(&session);
    }
    chat_session_clear(&session);
    chat_endpoint_close(&endpoint);
    return code;
}

static const struct option options[] = {
    {"system", "TEXT", OPTION_TEXT, offsetof(struct chat_options, system),
     "what the system says ahead of the first question", 's'},
    {"image", "FILE", OPTION_TEXT, offsetof(struct chat_options, image),
     "a PNG or JPEG that goes with the first question", 0},
    {"output-tokens", "N", OPTION_TEXT, offsetof(struct chat_options, output_tokens),
     "the most tokens of a response, 50 to 2048; default 512", 'o'},
    {"temperature", "T", OPTION_TEXT, offsetof(struct chat_options, temperature),
     "0 to 2; default: the model's own", 't'},
    ENDPOINT_OPTIONS(chat_options),
    {"set", "KEY=VALUE", OPTION_TEXTS, offsetof(struct chat_options, prepare.set),
     "change a setting, such as --set connection.ca_file=ca.pem (may be repeated)", 0},
    {"json", NULL, OPTION_FLAG, offsetof(struct chat_options, json),
     "print each response and its figures as one JSON object", 'j'},
    {0},
};

const struct command command_chat = {
    .name = "chat",
    .arguments = "MODEL",
    .summary = "talk with a model, with latency under every response",
    .help =
        "In a terminal: each line is a question, the response is printed as it comes, and under "
        "it\n"
        "latency, time to first token, throughput and tokens, as a run has them. Ctrl-C stops an\n"
        "response, Ctrl-D ends the chat. A line that ends in a backslash continues in the next. "
        "Lines that\n"
        "begin with '/' are commands: /model NAME asks another model, /save FILE writes the\n"
        "conversation as a data set of several turns, /help lists them all.\n\n"
        "Where standard input is no terminal, all of it is one question: the response is printed "
        "on\n"
        "standard output, the figures on standard error.\n\n"
        "Behind a change of models it says what the first response took beyond the model's "
        "others.\n"
        "It needs no config and leaves no files. Address and key come from the environment or\n"
        ".env, as those of a run.",
    .options = options,
    .least = 1,
    .most = 1,
    .run = chat,
    .options_size = sizeof(struct chat_options),
    .exits = {EXIT_INCOMPLETE, EXIT_INTERRUPTED, EXIT_TERMINATED},
};
