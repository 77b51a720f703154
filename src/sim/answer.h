/* One answer on its way: it joins a request to the node, the moment of its next token, the manner
 * of the server, what goes wrong, and the connection it goes out on. */
#ifndef SIM_ANSWER_H
#define SIM_ANSWER_H

#include <stdbool.h>
#include <stdint.h>

#include "core/text.h"
#include "sim/connection.h"
#include "sim/deadline.h"
#include "sim/held.h"
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
    struct pattern pattern;            /* of its tokens' events; none: each is composed */
    int64_t delay_ns;                  /* how long what is said travels before it is sent */
    int64_t arrived_ns;                /* the request was read in full */
    const struct bundle_fault *fault;  /* yet to strike; NULL: none */
    const struct bundle_fault *struck; /* carried out; NULL: none */
    struct held held;
    int64_t sent_tokens;
    int64_t sent_ns; /* anything at all, or the request came */
    bool opened;     /* the stream's head is out */
    bool ended;
    bool keeps_moments;
    int64_t *token_ns; /* where it does: each sent token's moment, just before it went; owned */
    size_t token_room;

    /* Of a flood alone (flood.h). */
    bool floods;
    struct node_batch own_batch;
    struct text block;
};

/* Room that all answers use in turn, to compose what they say, and what they measure together. */
struct answer_room {
    struct text event, wire;
    struct lateness lateness; /* of the tokens of streams that nothing struck */
};

/* An answer to a question, which it takes over, for a request that goes to the node next. Free with
 * answer_free. */
struct answer *answer_new(const struct question *question, struct connection *connection,
                          int64_t arrived_ns);
void answer_free(struct answer *answer);

/* The request has its number: what is said of it, and what goes wrong, follow from that and the
 * seed. Makes ready what need not wait for the first token. */
void answer_begin(struct answer *answer, const struct bundle *bundle, uint64_t seed);

/* The moment for the next answer_send, NODE_IDLE where none is known yet: the next chunk's, which
 * is its last token's; that of the last token where all goes out at once; and after the last token
 * of a stream, for the events that end it, the first moment when the tokens due beside it are out:
 * composing them takes longer than a token may be late. */
int64_t answer_due_ns(const struct answer *answer);

/* Sends what is due. */
void answer_send(struct answer *answer, int64_t now_ns, struct answer_room *room);

bool answer_all_tokens_sent(const struct answer *answer);

/* Notes that the tokens from `first` to the last sent go out now, which it returns. */
int64_t answer_stamp(struct answer *answer, int64_t first);

#endif
