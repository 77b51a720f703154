/* One answer on its way: it joins a request to the node, the moment of its next token, and the
 * connection it goes out on. */
#ifndef SIM_ANSWER_H
#define SIM_ANSWER_H

#include <stdbool.h>
#include <stdint.h>

#include "core/text.h"
#include "sim/connection.h"
#include "sim/deadline.h"
#include "sim/lateness.h"
#include "sim/node.h"
#include "sim/pattern.h"
#include "sim/question.h"
#include "sim/speech.h"

struct answer {
    struct node_request request;
    struct deadline deadline;
    struct connection *connection;
    struct question question;
    struct speech speech;
    struct pattern pattern; /* of its tokens' events; none: each is composed */
    int64_t sent_tokens;
    bool ended;
    int64_t first_sent_ns, last_sent_ns; /* tokens, just before they went; CLOCK_NEVER: not yet */

    /* Of a flood alone (flood.h). */
    bool floods, has_head;
    struct node_batch own_batch;
    struct text block;
};

/* Room that all answers use in turn, to compose what they say, and what they measure together. */
struct answer_room {
    struct text event, wire;
    struct lateness lateness; /* of the tokens of streams, each just before it went */
};

/* Makes ready what need not wait for the first token; the speech is begun. */
void answer_prepare(struct answer *answer);

/* The moment for the next answer_send: the next token's; that of the last where all goes out at
 * once; and after the last token of a stream, for the events that end it, the first moment when the
 * tokens due beside it are out: composing them takes longer than a token may be late. */
int64_t answer_due_ns(const struct answer *answer);

/* Sends what is due. */
void answer_send(struct answer *answer, int64_t now_ns, struct answer_room *room);

/* Frees what the answer holds. */
void answer_clear(struct answer *answer);

/* --- What a flood shares -------------------------------------------------------------------- */

bool answer_all_tokens_sent(const struct answer *answer);

/* Adds the head of the stream. */
void answer_add_head(const struct answer *answer, struct text *wire);

/* Adds the next token's event as a chunk to the wire. */
void answer_add_token(struct answer *answer, struct answer_room *room);

/* Adds what ends the stream to the wire, or the whole answer that is no stream. */
void answer_add_end(struct answer *answer, struct answer_room *room);
void answer_add_whole(struct answer *answer, struct answer_room *room);

/* Notes that tokens go out now. */
void answer_stamp(struct answer *answer);

#endif
