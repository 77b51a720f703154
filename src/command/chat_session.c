#include "command/chat_session.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "command/chat_lines.h"
#include "command/notices.h"
#include "core/clean.h"
#include "core/create.h"
#include "core/file.h"
#include "core/memory.h"
#include "core/word.h"
#include "job/chat_words.h"
#include "job/listing.h"
#include "report/terminal/terminal.h"

/* --- A response --------------------------------------------------------------------------------
 */

static void print_text(void *context, const char *bytes, size_t length)
{
    const struct chat_session *session = context;
    char *shown;

    if (session->json)
        return;
    shown = memory_bytes(bytes, length);
    if (isatty(STDOUT_FILENO))
        clean(shown, length, CLEAN_LINES, '?');
    fwrite(shown, 1, length, stdout);
    fflush(stdout);
    free(shown);
}

static void print_json(const struct chat_session *session, const struct chat_response *response)
{
    struct text json = {0};

    text_add_string(&json, "{\"model\":");
    text_add_json(&json, session->model);
    text_add_string(&json, ",\"response\":");
    if (response->text)
        text_add_json(&json, response->text);
    else
        text_add_string(&json, "null");
    text_add_char(&json, ',');
    chat_add_json(response, session->output_tokens, &json);
    text_add_string(&json, "}\n");
    fputs(json.bytes, stdout);
    fflush(stdout);
    text_clear(&json);
}

static void note(const struct text *line)
{
    if (line->length > 0)
        terminal_note(stderr, COLOUR_DIM, "%s", line->bytes);
}

static void print_figures(const struct chat_session *session, const struct chat_response *response)
{
    struct chat_figure figure[CHAT_FIGURES];
    struct text line = {0}, switched = {0};

    chat_figures(response, figure);
    for (int i = 0; i < CHAT_FIGURES; i++)
        text_printf(&line, "%s%s %s", i > 0 ? " · " : "", figure[i].label, figure[i].words);
    chat_add_end(response, session->output_tokens, &switched);
    if (switched.length > 0)
        text_printf(&line, " · %s", switched.bytes);
    note(&line);
    text_reset(&switched);
    chat_add_switch(&response->switched, &switched);
    note(&switched);
    text_clear(&line);
    text_clear(&switched);
}

static void print_response(const struct chat_session *session, const struct chat_response *response)
{
    char *shown;

    if (session->json)
        print_json(session, response);
    else if (response->text && response->text[strlen(response->text) - 1] != '\n')
        puts("");
    fflush(stdout);
    if (!session->json && (response->text || response->stopped))
        print_figures(session, response);
    if (!response->failure)
        return;
    shown = clean_copy(response->failure, CLEAN_LINE);
    terminal_note(stderr, COLOUR_BAD, "failed: %s", shown);
    free(shown);
}

bool chat_session_ask(struct chat_session *session, const char *text)
{
    const struct chat_question question = {.model = session->model,
                                           .text = text,
                                           .output_tokens = session->output_tokens,
                                           .temperature = session->temperature,
                                           .stop = &chat_stop,
                                           .on_text = print_text,
                                           .context = session};
    struct chat_response response;
    struct error error;
    bool sent = chat_ask(&session->chat, session->preparation, session->memory, &question,
                         &session->picture, &response, &error);
    bool whole = sent && !response.failure && !response.stopped;

    if (sent)
        print_response(session, &response);
    else
        terminal_note(stderr, COLOUR_BAD, "coebench chat: %s", error.text);
    chat_response_clear(&response);
    return whole;
}

/* --- What is typed behind '/' ----------------------------------------------------------------- */

bool chat_read_tokens(const char *option, const char *word, int64_t *tokens)
{
    int64_t number;

    if (word_integer(word, &number) && number >= CHAT_TOKENS_LEAST && number <= CHAT_TOKENS_MOST) {
        *tokens = number;
        return true;
    }
    fprintf(stderr, "%s takes a whole number from %d to %d, not '%.60s'\n", option,
            CHAT_TOKENS_LEAST, CHAT_TOKENS_MOST, word);
    return false;
}

bool chat_read_temperature(const char *option, const char *word, double *temperature)
{
    double number;

    if (word_number(word, &number) && number >= 0 && number <= CHAT_TEMPERATURE_MOST) {
        *temperature = number;
        return true;
    }
    fprintf(stderr, "%s takes a number from 0 to %d, not '%.60s'\n", option, CHAT_TEMPERATURE_MOST,
            word);
    return false;
}

static void set_model(struct chat_session *session, const char *name)
{
    if (*name) {
        free(session->model);
        session->model = memory_text(name);
        chat_session_note_limits(session);
    }
    fprintf(stderr, "model: %s\n", session->model);
}

static void list_models(struct chat_session *session, const char *unused)
{
    struct error error;
    const struct listed_models *models = listing_models(session->preparation, &error);

    (void)unused;
    if (models->count == 0)
        fprintf(stderr, "coebench chat: %s\n", error.text);
    for (size_t i = 0; i < models->count; i++) {
        char *shown = clean_copy(models->model[i].id, CLEAN_LINE);

        fprintf(stderr, "%s\n", shown);
        free(shown);
    }
}

static void set_system(struct chat_session *session, const char *text)
{
    if (*text)
        chat_set_system(&session->chat, strcmp(text, "-") == 0 ? NULL : text);
    fprintf(stderr, "system: %s\n", session->chat.system ? session->chat.system : "nothing");
}

static void take_image(struct chat_session *session, const char *path)
{
    char *expanded = file_expand_home(path);
    struct error error;

    chat_picture_clear(&session->picture);
    if (!session->preparation->target.dialect->images)
        fprintf(stderr, "%s carries no pictures\n", session->preparation->target.dialect->name);
    else if (!*path)
        fputs("no picture goes with the next question; /image FILE takes one\n", stderr);
    else if (!chat_picture_read(&session->picture, expanded, &error))
        fprintf(stderr, "%s\n", error.text);
    else
        fprintf(stderr, "goes with the next question: %s\n", path);
    free(expanded);
}

static void set_tokens(struct chat_session *session, const char *word)
{
    if (!*word || chat_read_tokens("/tokens", word, &session->output_tokens))
        fprintf(stderr, "tokens of a response: %" PRId64 " at most\n", session->output_tokens);
}

static void set_temperature(struct chat_session *session, const char *word)
{
    if (strcmp(word, "-") == 0)
        session->temperature = NAN;
    else if (*word && !chat_read_temperature("/temperature", word, &session->temperature))
        return;
    if (isnan(session->temperature))
        fputs("temperature: the model's own\n", stderr);
    else
        fprintf(stderr, "temperature: %g\n", session->temperature);
}

static void save(struct chat_session *session, const char *path)
{
    char *expanded = file_expand_home(path), *folder = file_folder(expanded);
    const char *slash = strrchr(expanded, '/');
    struct text line = {0};
    struct error error;
    size_t left_out;

    if (!*path)
        fputs("/save takes the name of a file, such as chat.jsonl\n", stderr);
    else if (session->chat.messages == 0)
        fputs("there is no conversation yet\n", stderr);
    else {
        left_out = chat_add_dataset(&session->chat, &line);
        if (!create_files(folder, &(struct create_file){slash ? slash + 1 : expanded, line.bytes},
                          1, &error))
            fprintf(stderr, "%s\n", error.text);
        else
            fprintf(stderr, "%s: a conversation of %zu turn%s%s\n", path,
                    session->chat.messages / 2, session->chat.messages == 2 ? "" : "s",
                    left_out > 0 ? "; pictures are left out, a data set's conversations have none"
                                 : "");
    }
    text_clear(&line);
    free(folder);
    free(expanded);
}

static void begin_anew(struct chat_session *session, const char *unused)
{
    char *system = session->chat.system;

    (void)unused;
    session->chat.system = NULL;
    chat_clear(&session->chat);
    session->chat.system = system;
    fputs("a new conversation begins\n", stderr);
}

static void help(struct chat_session *session, const char *unused)
{
    (void)session;
    (void)unused;
    fputs(chat_session_help, stderr);
}

static void end(struct chat_session *session, const char *unused)
{
    (void)unused;
    session->over = true;
}

const char chat_session_help[] =
    "/model NAME      ask another model; without a name: which one is asked\n"
    "/models          the endpoint's models\n"
    "/system TEXT     what the system says ahead of all; '-': nothing\n"
    "/image FILE      a PNG or JPEG that goes with the next question\n"
    "/tokens N        the most tokens of a response, 50 to 2048\n"
    "/temperature T   0 to 2; '-': the model's own\n"
    "/save FILE       writes the conversation as a data set of coebench\n"
    "/new             forgets the conversation\n"
    "/help            this list\n"
    "/quit            ends the chat, as Ctrl-D does\n";

static const struct {
    const char *name;
    void (*act)(struct chat_session *session, const char *rest);
} table[] = {
    {"model", set_model},  {"models", list_models}, {"system", set_system},
    {"image", take_image}, {"tokens", set_tokens},  {"temperature", set_temperature},
    {"save", save},        {"new", begin_anew},     {"help", help},
    {"quit", end},
};

void chat_session_obey(struct chat_session *session, const char *line)
{
    const char *name = line + 1, *rest = name + strcspn(name, " \t");
    size_t length = (size_t)(rest - name);

    rest += strspn(rest, " \t");
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        if (strlen(table[i].name) == length && strncmp(table[i].name, name, length) == 0) {
            table[i].act(session, rest);
            return;
        }
    }
    fprintf(stderr,
            "/%.*s is none of these (a question that begins with '/' begins with '//'):\n%s",
            length < 40 ? (int)length : 40, name, chat_session_help);
}

void chat_session_note_limits(const struct chat_session *session)
{
    struct faults notes = {0};

    chat_note_limits(session->preparation, session->model, &notes);
    notices_warn(&notes);
    faults_clear(&notes);
}

void chat_session_clear(struct chat_session *session)
{
    chat_clear(&session->chat);
    chat_picture_clear(&session->picture);
    chat_memory_free(session->memory);
    free(session->model);
    *session = (struct chat_session){0};
}
