/* A conversation with an endpoint: what the user says, what models response, and what each response
 * took. Each question is one request, sent by the load engine as a row's are (load/load.h), with
 * the whole conversation before it; its figures are a request's (stats/figures.h). Of dialects
 * without messages each question stands for itself. Prints nothing. */
#ifndef JOB_CHAT_H
#define JOB_CHAT_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/error.h"
#include "core/text.h"
#include "job/chat_memory.h"
#include "job/prepare.h"
#include "record/request.h"

/* Tokens that a response may be asked to have at most: the starter kit's range; and what is asked
 * for where nobody says. */
enum { CHAT_TOKENS_LEAST = 50, CHAT_TOKENS_MOST = 2048, CHAT_TOKENS = 512 };
enum { CHAT_TEMPERATURE_MOST = 2 };

/* A picture that goes with a question. */
struct chat_picture {
    const char *type;   /* "image/png" or "image/jpeg"; NULL: there is none */
    struct text base64; /* of the file */
};

/* Takes the file's bytes; false with a sentence that names it `name` where it is neither PNG nor
 * JPEG. Clear the picture either way. */
bool chat_picture_take(struct chat_picture *picture, const char *name, const struct text *bytes,
                       struct error *error);

/* Reads it from a file of at most IMAGE_MOST bytes. */
bool chat_picture_read(struct chat_picture *picture, const char *path, struct error *error);
void chat_picture_clear(struct chat_picture *picture);

struct chat_message {
    bool of_model; /* else the user's */
    char *text;
    struct chat_picture picture; /* the user's may have one */
};

/* The conversation so far; zeroed, it is an empty conversation. */
struct chat {
    char *system; /* ahead of all; NULL: nothing */
    struct chat_message *message;
    size_t messages;
};

/* Adds a message, with a copy of the text; the picture (NULL: none) becomes the conversation's. */
void chat_add(struct chat *chat, bool of_model, const char *text, struct chat_picture *picture);

/* Sets what the system says, a copy; NULL or "": nothing. */
void chat_set_system(struct chat *chat, const char *system);
void chat_clear(struct chat *chat);

/* Adds the conversation as one line of a data set (prompt/dataset.h): a text alone with `prompt`,
 * more with `messages`. Pictures are left out, since a data set's conversations have none: returns
 * how many. */
size_t chat_add_dataset(const struct chat *chat, struct text *line);

/* What of a conversation the endpoint's dialect has no place for, a sentence each. */
void chat_note_limits(const struct preparation *preparation, const char *model,
                      struct faults *notes);

/* A question, and how it is asked. */
struct chat_question {
    const char *model;
    const char *text;
    int64_t output_tokens;  /* at most */
    double temperature;     /* NAN: the model's own */
    const atomic_int *stop; /* ends the response once it is not 0 */
    /* More of the response, secrets struck out; in the calling thread or another, one call at a
     * time.
     */
    void (*on_text)(void *context, const char *bytes, size_t length);
    /* About ten times a second while the response is awaited; NULL: nobody waits along. */
    void (*on_wait)(void *context);
    void *context;
};

struct chat_response {
    char *text; /* as far as it came, secrets struck out; NULL: none did */
    char *
        failure; /* why there is none, or no whole one: a run's words for it; NULL: it ended well */
    char code[24]; /* of the failure, "429" or "timeout"; "" */
    bool stopped;  /* … by the user */
    struct figures figures;
    bool in_one_piece; /* it came whole, so its TTFT is not known */
    char finish_reason[32];
    struct chat_switch switched;
};

/* Asks, waits for the response's end, and adds both to the conversation: where the response failed
 * and no text of it came, neither. The picture (NULL: none) goes with the question, and becomes the
 * conversation's or is cleared. `memory` may be shared with other conversations. False with a
 * sentence where nothing could be sent. Clear the response either way. */
bool chat_ask(struct chat *chat, const struct preparation *preparation, struct chat_memory *memory,
              const struct chat_question *question, struct chat_picture *picture,
              struct chat_response *response, struct error *error);
void chat_response_clear(struct chat_response *response);

#endif
