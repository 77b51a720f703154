#include "serve/chat/chats.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "core/clock.h"
#include "core/memory.h"
#include "core/thread.h"
#include "job/chat_words.h"
#include "serve/http/exchange.h"
#include "serve/own_folder.h"

enum { CANCEL = 2 /* as load/load.h has it */ };

static const int64_t sign_of_life_ns = CLOCK_NS_PER_S;

/* One under way: its thread writes lines, and the server's thread sends them as the client takes
 * them. Who of both is done last frees it. */
struct one_chat {
    struct chats *chats;
    struct chats_question question;
    char id[CHATS_ID];
    atomic_int stop;
    pthread_mutex_t lock; /* of what follows */
    int users;            /* the thread, the reply */
    struct exchange *exchange;
    struct text lines; /* … from `sent` on they are to be sent */
    size_t sent;
    bool waits; /* the reply is paused until there are more */
    bool ended; /* no line follows */
    int64_t wrote_ns;
};

struct chats {
    struct chat_memory *memory;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    struct one_chat *place[CHATS_MOST];
    size_t under_way; /* places that are taken */
    bool stop;
};

void chats_question_clear(struct chats_question *question)
{
    if (question->endpoint)
        chat_endpoint_close(question->endpoint);
    free(question->endpoint);
    chat_clear(&question->chat);
    chat_picture_clear(&question->picture);
    free(question->model);
    free(question->text);
    *question = (struct chats_question){0};
}

struct chats *chats_new(void)
{
    struct chats *chats = memory_new(1, sizeof *chats);

    chats->memory = chat_memory_new();
    pthread_mutex_init(&chats->lock, NULL);
    pthread_cond_init(&chats->changed, NULL);
    return chats;
}

void chats_free(struct chats *chats)
{
    if (!chats)
        return;
    chat_memory_free(chats->memory);
    pthread_cond_destroy(&chats->changed);
    pthread_mutex_destroy(&chats->lock);
    free(chats);
}

/* --- What is sent ----------------------------------------------------------------------------- */

/* One user less. */
static void let_go(struct one_chat *chat)
{
    bool last;

    pthread_mutex_lock(&chat->lock);
    last = --chat->users == 0;
    pthread_mutex_unlock(&chat->lock);
    if (!last)
        return;
    text_clear(&chat->lines);
    pthread_mutex_destroy(&chat->lock);
    free(chat);
}

/* Adds a line, and goes on with a reply that waits for one. */
static void add_line(struct one_chat *chat, const char *line, bool last)
{
    pthread_mutex_lock(&chat->lock);
    text_add_string(&chat->lines, line);
    chat->wrote_ns = clock_monotonic_ns();
    chat->ended |= last;
    if (chat->waits) {
        chat->waits = false;
        exchange_go_on(chat->exchange);
    }
    pthread_mutex_unlock(&chat->lock);
}

static long read_lines(void *context, char *bytes, size_t room)
{
    struct one_chat *chat = context;
    size_t left;
    long got = 0;

    pthread_mutex_lock(&chat->lock);
    left = chat->lines.length - chat->sent;
    if (left > 0) {
        got = (long)(left < room ? left : room);
        memcpy(bytes, chat->lines.bytes + chat->sent, (size_t)got);
        chat->sent += (size_t)got;
    } else if (!chat->ended) {
        got = EXCHANGE_WAITS;
        chat->waits = true;
        exchange_pause(chat->exchange);
    }
    if (chat->sent == chat->lines.length) {
        text_reset(&chat->lines);
        chat->sent = 0;
    }
    pthread_mutex_unlock(&chat->lock);
    return got;
}

/* The client has gone, or has all of it: what is under way ends. */
static void end_reply(void *context)
{
    struct one_chat *chat = context;

    atomic_store(&chat->stop, CANCEL);
    let_go(chat);
}

/* --- The thread of one ------------------------------------------------------------------------ */

static void on_text(void *context, const char *bytes, size_t length)
{
    char *piece = memory_bytes(bytes, length);
    struct text line = {0};

    text_add_string(&line, "{\"text\":");
    text_add_json(&line, piece);
    text_add_string(&line, "}\n");
    add_line(context, line.bytes, false);
    text_clear(&line);
    free(piece);
}

/* A client that has gone is noticed by what is sent to it alone. */
static void on_wait(void *context)
{
    struct one_chat *chat = context;
    bool quiet;

    pthread_mutex_lock(&chat->lock);
    quiet = clock_monotonic_ns() - chat->wrote_ns >= sign_of_life_ns;
    pthread_mutex_unlock(&chat->lock);
    if (quiet)
        add_line(chat, "\n", false);
}

static void ask(struct one_chat *chat, struct text *last)
{
    struct chats_question *asked = &chat->question;
    const struct chat_question question = {.model = asked->model,
                                           .text = asked->text,
                                           .output_tokens = asked->output_tokens,
                                           .temperature = asked->temperature,
                                           .stop = &chat->stop,
                                           .on_text = on_text,
                                           .on_wait = on_wait,
                                           .context = chat};
    struct chat_response response;
    struct error error;

    text_add_string(last, "{\"done\":true,");
    if (chat_ask(&asked->chat, &asked->endpoint->preparation, chat->chats->memory, &question,
                 &asked->picture, &response, &error)) {
        chat_add_json(&response, asked->output_tokens, last);
    } else {
        text_add_string(last, "\"failure\":");
        text_add_json(last, error.text);
    }
    text_add_string(last, "}\n");
    chat_response_clear(&response);
}

/* Nobody stops it from here on. */
static void leave_place(struct one_chat *chat)
{
    struct chats *chats = chat->chats;

    pthread_mutex_lock(&chats->lock);
    for (size_t i = 0; i < CHATS_MOST; i++) {
        if (chats->place[i] == chat)
            chats->place[i] = NULL;
    }
    pthread_mutex_unlock(&chats->lock);
}

/* Writes the last line; another may begin in its place. */
static void conclude(struct one_chat *chat, const char *line)
{
    struct chats *chats = chat->chats;

    chats_question_clear(&chat->question);
    leave_place(chat);
    add_line(chat, line, true);
    let_go(chat);
    pthread_mutex_lock(&chats->lock);
    chats->under_way--;
    pthread_cond_broadcast(&chats->changed);
    pthread_mutex_unlock(&chats->lock);
}

static void *work(void *context)
{
    struct one_chat *chat = context;
    struct text last = {0};

    ask(chat, &last);
    conclude(chat, last.bytes);
    text_clear(&last);
    return NULL;
}

/* --- All of them ------------------------------------------------------------------------------ */

/* Takes a place for it; false where there is none. */
static bool take_place(struct chats *chats, struct one_chat *chat)
{
    bool room;

    pthread_mutex_lock(&chats->lock);
    room = !chats->stop && chats->under_way < CHATS_MOST;
    for (size_t i = 0; i < CHATS_MOST && room; i++) {
        if (chats->place[i])
            continue;
        chats->place[i] = chat;
        chats->under_way++;
        break;
    }
    pthread_mutex_unlock(&chats->lock);
    return room;
}

static struct one_chat *new_chat(struct chats *chats, struct exchange *exchange,
                                 struct chats_question *question)
{
    struct one_chat *chat = memory_new(1, sizeof *chat);

    *chat = (struct one_chat){.chats = chats,
                              .question = *question,
                              .exchange = exchange,
                              .users = 2,
                              .wrote_ns = clock_monotonic_ns()};
    *question = (struct chats_question){0};
    pthread_mutex_init(&chat->lock, NULL);
    own_name_draw(chat->id);
    text_printf(&chat->lines, "{\"id\":\"%s\"}\n", chat->id);
    return chat;
}

static void refuse(struct one_chat *chat)
{
    exchange_refuse(chat->exchange, 429,
                    "%d chats are under way, and no more may be: ask again when one has ended",
                    CHATS_MOST);
    chats_question_clear(&chat->question);
    chat->users = 1;
    let_go(chat);
}

void chats_begin(struct chats *chats, struct exchange *exchange, struct chats_question *question)
{
    struct one_chat *chat = new_chat(chats, exchange, question);
    const struct exchange_source source = {read_lines, end_reply, chat};
    pthread_t thread;

    if (!take_place(chats, chat)) {
        refuse(chat);
        return;
    }
    exchange_reply_source(exchange, EXCHANGE_JSON, "application/x-ndjson", &source, NULL);
    if (thread_start(&thread, "chat", work, chat))
        pthread_detach(thread);
    else
        conclude(chat, "{\"done\":true,\"failure\":\"this machine starts no more threads\"}\n");
}

bool chats_end(struct chats *chats, const char *id)
{
    bool found = false;

    pthread_mutex_lock(&chats->lock);
    for (size_t i = 0; i < CHATS_MOST; i++) {
        if (!chats->place[i] || strcmp(chats->place[i]->id, id) != 0)
            continue;
        atomic_store(&chats->place[i]->stop, CANCEL);
        found = true;
    }
    pthread_mutex_unlock(&chats->lock);
    return found;
}

void chats_stop(struct chats *chats)
{
    if (!chats)
        return;
    pthread_mutex_lock(&chats->lock);
    chats->stop = true;
    for (size_t i = 0; i < CHATS_MOST; i++) {
        if (chats->place[i])
            atomic_store(&chats->place[i]->stop, CANCEL);
    }
    while (chats->under_way > 0)
        pthread_cond_wait(&chats->changed, &chats->lock);
    pthread_mutex_unlock(&chats->lock);
}
