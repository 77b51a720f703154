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
#include "sim/node.h"
#include "sim/question.h"
#include "sim/speech.h"

struct answer {
    struct node_request request;
    struct deadline deadline;
    struct connection *connection;
    struct question question;
    struct speech speech;
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
};

/* Room that all answers use in turn, to compose what they say. */
struct answer_room {
    struct text event, wire;
};

/* An answer to a question, which it takes over, for a request that goes to the node next. Free with
 * answer_free. */
struct answer *answer_new(const struct question *question, struct connection *connection,
                          int64_t arrived_ns);
void answer_free(struct answer *answer);

/* The node has the request: what is said of it, and what goes wrong, follow from the seed and the
 * request's number. */
void answer_begin(struct answer *answer, const struct bundle *bundle, uint64_t seed);

/* The moment for the next answer_send, NODE_IDLE where none is known yet: the next chunk's, which
 * is its last token's; that of the last token where all goes out at once; and after the last token
 * of a stream, for the events that end it, the first moment when the tokens due beside it are out:
 * composing them takes longer than a token may be late. */
int64_t answer_due_ns(const struct answer *answer);

/* Sends what is due. */
void answer_send(struct answer *answer, int64_t now_ns, struct answer_room *room);

/* --- For what goes wrong (fault.h) ---------------------------------------------------------- */

/* Adds the stream's head to the wire, if it is not out. */
void answer_open(struct answer *answer, struct answer_room *room);

/* Moves the event into the wire, as the server writes it. */
void answer_frame(struct answer *answer, struct answer_room *room);

/* Ends the stream's body, whatever was said in it. */
void answer_close(struct answer *answer, struct answer_room *room);

#endif
