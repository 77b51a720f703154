/* One answer on its way: it joins a request to the node, the moment of its next token, and the
 * connection it goes out on. */
#ifndef SIM_ANSWER_H
#define SIM_ANSWER_H

#include <stdbool.h>
#include <stdint.h>

#include "core/text.h"
#include "sim/connection.h"
#include "sim/deadline.h"
#include "sim/node.h"
#include "sim/question.h"
#include "sim/speech.h"

struct answer {
    struct node_request request;
    struct deadline deadline;
    struct connection *connection;
    struct question question;
    struct speech speech;
    int64_t delay_ns;   /* how long what is said travels before it is sent */
    int64_t arrived_ns; /* the request was read in full */
    int64_t sent_tokens;
    bool ended;
    bool keeps_moments;
    int64_t *token_ns; /* where it does: each sent token's moment, just before it went; owned */
    size_t token_room;
};

/* Room that all answers use in turn, to compose what they say. */
struct answer_room {
    struct text event, wire;
};

/* The moment for the next answer_send: the next token's; that of the last where all goes out at
 * once; and after the last token of a stream, for the events that end it, the first moment when the
 * tokens due beside it are out: composing them takes longer than a token may be late. */
int64_t answer_due_ns(const struct answer *answer);

/* Frees what the answer owns. */
void answer_clear(struct answer *answer);

/* Sends what is due. */
void answer_send(struct answer *answer, int64_t now_ns, struct answer_room *room);

#endif
