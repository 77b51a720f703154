/* What a row's requests say, and how long it is: joins the texts and counts of prompt/ with the
 * bodies of wire/ for load/, which calls it from its threads. */
#ifndef JOB_PROMPTER_H
#define JOB_PROMPTER_H

#include <pthread.h>

#include "core/error.h"
#include "job/step.h"
#include "load/load.h"
#include "prompt/counting.h"
#include "record/step.h"
#include "stats/cutting.h"

/* One of the texts that a row's prompts are made of, with what the server counts for it besides
 * words. */
struct prompter_text {
    const char *name;
    const char *template; /* NULL: none, all of it is made */
    char *kind;           /* by which its counting is kept */
    struct text repeated; /* with prompt.repeat: what all its prompts begin with */
    int64_t repeated_words;
    struct counting counting;
    bool borrowed; /* what is known is of plain words, or … */
    bool expected; /* … of a tokenizer (prompter_expect) */
    bool counted;  /* something was learned */
};

struct prompter_trace;

struct prompter {
    const struct preparation *preparation;
    const struct row *row;
    size_t step;
    size_t first;  /* how many of the step's prompts came before these; no two are the same */
    size_t salted; /* how many salts its earlier attempts may have used */
    const struct dataset *dataset; /* NULL: prompts are made */
    struct prompter_trace *trace; /* where moments and lengths come from (prompter_trace.h); NULL */
    struct text *given;           /* its prompts as they stand in a body, once they are needed */
    struct body *of_line;         /* bodies of its lines that have a message of the system */
    struct body body;             /* for prompts with the row's picture, or without any */
    struct body body_with[2];     /* for those of a data set: with a PNG, with a JPEG */
    struct text image;            /* base64; empty: none */
    struct prompter_text *text;   /* at least one */
    size_t texts;
    char *prefix;          /* the system message of all of them; NULL: none, or not settled */
    int64_t prefix_words;  /* of it */
    int64_t turn_words;    /* of the user's text in each later turn of a session */
    double tokens_a_word;  /* as known when it was settled */
    double prefix_counted; /* the tokens that it is expected to take */
    size_t attempt;        /* at the step: no cache knows the prefix of an earlier one */
    pthread_mutex_t lock;  /* of the countings */
    struct cutting cutting;
    struct fidelity *fidelity;
    struct fidelity outside; /* of warm-up and cool-down requests, in no figure */
};

/* By what the countings of prompts of words behind a system message are kept. */
extern const char prompter_prefix_kind[];

/* Begins what the step sends to `row`, the job's or its probe's. A later attempt at a step sends
 * what the first sent, but for the system message and the salt, so that no cache knows them.
 * `fidelity` gets how well they kept to what was asked. Clear it either way. */
void prompter_init(struct prompter *prompter, const struct step_job *job, const struct row *row,
                   struct fidelity *fidelity);

/* Prepares, once what a tokenizer tells is expected too, the bodies that all requests share, with
 * the system message, whose length follows from what is known by now. */
bool prompter_settle(struct prompter *prompter, struct error *error);

/* Composes request composed->index, as long as it may have to be: a response may teach, before it
 * leaves, that the template takes more or less than is known now. */
void prompter_compose(struct prompter *prompter, struct composed *composed);

/* Makes of a session's request, which has completed, its next turn. What it says follows from
 * session and turn alone, and from the responses. */
void prompter_compose_turn(struct prompter *prompter, struct composed *composed,
                           const char *response);

/* Cuts it to the length that fits by now. */
void prompter_fit(struct prompter *prompter, struct composed *composed);

/* Adds the system message of request `index`, where it has one. */
void prompter_add_system(const struct prompter *prompter, size_t index, struct text *text);

/* Adds the text of request `index`'s prompt once more, where it is made of `words` words less those
 * of the row's system message: as it was sent, but that one too short for its instruction and its
 * salt may begin with the other. Of a trace, the line taken last must be the request's. */
void prompter_add_text(const struct prompter *prompter, size_t index, int64_t words,
                       struct text *text);

/* Adds what the user says in a later turn of a session, from 2. */
void prompter_add_turn_text(const struct prompter *prompter, size_t session, int64_t turn,
                            struct text *text);

/* Whether a later turn's prompt holds what was said before it; a trace's line may not. */
bool prompter_turn_holds(const struct prompter *prompter, size_t session, int64_t turn);

/* Goes by this counting, which no server made, until a server counts a prompt of that text. */
void prompter_expect(struct prompter *prompter, size_t text, const struct counting *counting);

/* Takes in what the server counted for a completed request. This, composing and fitting may be
 * called in several threads. */
void prompter_learn(struct prompter *prompter, const struct request *request);

/* Once all requests have ended: tells in the fidelity what the server cut. Asks it for its list of
 * models where a response was cut short, and the context is not known yet. */
void prompter_conclude(struct prompter *prompter);

/* Keeps what was learned for the next row and run, but not what a server counted that cuts prompts;
 * false with a sentence where it cannot. */
bool prompter_keep(struct prompter *prompter, struct error *error);

void prompter_clear(struct prompter *prompter);

#endif
