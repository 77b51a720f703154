/* One response on its way: it joins a request to the node, the moment of its next token, the manner
 * of the server, what goes wrong, and the connection it goes out on. */
#ifndef SIM_RESPONSE_H
#define SIM_RESPONSE_H

#include <stdbool.h>
#include <stdint.h>

#include "core/text.h"
#include "sim/connection.h"
#include "sim/deadline.h"
#include "sim/event_template.h"
#include "sim/lateness.h"
#include "sim/node.h"
#include "sim/pending.h"
#include "sim/question.h"
#include "sim/token_text.h"

struct sim_response {
    struct node_request request;
    struct deadline deadline;
    struct connection *connection;
    struct question question;
    struct token_text token_text;
    struct event_template event_template; /* of its tokens' events; none: each is composed */
    int64_t delay_ns;                     /* how long the text travels before it is sent */
    int64_t arrived_ns;                   /* the request was read in full */
    const struct bundle_fault *fault;     /* yet to strike; NULL: none */
    const struct bundle_fault *struck;    /* carried out; NULL: none */
    struct pending pending;
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

/* Room that all responses use in turn, to compose what they say, and what they measure together. */
struct response_room {
    struct text event, wire;
    struct lateness lateness; /* of the tokens of streams that nothing struck */
};

/* A response to a question, which it takes over, for a request that goes to the node next. Free
 * with sim_response_free. */
struct sim_response *sim_response_new(const struct question *question,
                                      struct connection *connection, int64_t arrived_ns);
void sim_response_free(struct sim_response *response);

/* The request has its number: its text, and what goes wrong, follow from that and the seed. Makes
 * ready what need not wait for the first token. */
void sim_response_begin(struct sim_response *response, const struct node_file *file, uint64_t seed);

/* The moment for the next sim_response_send, NODE_IDLE where none is known yet: the next chunk's,
 * which is its last token's; that of the last token where all goes out at once; and after the last
 * token of a stream, for the events that end it, the first moment when the tokens due beside it are
 * out: composing them takes longer than a token may be late. */
int64_t sim_response_due_ns(const struct sim_response *response);

/* Sends what is due. */
void sim_response_send(struct sim_response *response, int64_t now_ns, struct response_room *room);

bool sim_response_all_tokens_sent(const struct sim_response *response);

/* Notes that the tokens from `first` to the last sent go out now, which it returns. */
int64_t sim_response_stamp(struct sim_response *response, int64_t first);

#endif
