/* The chats under way: each is one question to the session's endpoint, by the engine that `coebench
 * chat` has (job/chat.h), in a thread of its own, whose text goes to the client as it comes. The
 * conversation is the client's: each question brings all of it. What is known of switches between
 * models (job/chat_memory.h) is the server's, and lasts as long as it does. */
#ifndef SERVE_CHAT_CHATS_H
#define SERVE_CHAT_CHATS_H

#include <stdbool.h>

#include "job/chat.h"
#include "job/chat_endpoint.h"

struct chats;
struct exchange;

enum { CHATS_MOST = 4, CHATS_ID = 33 /* 32 hexadecimal digits and a NUL */ };

/* A question, and all that it takes. */
struct chats_question {
    struct chat_endpoint *endpoint; /* which stays where it was opened; owned */
    struct chat chat;               /* what came before it */
    struct chat_picture picture;    /* that goes with it */
    char *model, *text;
    int64_t output_tokens;
    double temperature; /* NAN: the model's own */
};
void chats_question_clear(struct chats_question *question);

struct chats *chats_new(void);

/* Begins it, and replies: with a stream of JSON lines, {"id"} first, {"text"} for each piece, and
 * at the end the members of chat_add_json with "done"; an empty line shows that it lives. Where too
 * many are under way, with 429. Takes the question, in either case. To be called by a route's
 * background work. */
void chats_begin(struct chats *chats, struct exchange *exchange, struct chats_question *question);

/* Stops the response of that id. False: it is not under way. */
bool chats_end(struct chats *chats, const char *id);

/* Stops all, waits for their ends, and begins no more. */
void chats_stop(struct chats *chats);

/* Frees it, stopped, once no reply of it is being sent; NULL is fine. */
void chats_free(struct chats *chats);

#endif
