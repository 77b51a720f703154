/* A chat in the terminal: the conversation, how it is asked, and what lines that begin with '/' do.
 */
#ifndef COMMAND_CHAT_SESSION_H
#define COMMAND_CHAT_SESSION_H

#include <stdbool.h>
#include <stdint.h>

#include "job/chat.h"

struct chat_session {
    const struct preparation *preparation;
    struct chat_memory *memory;
    struct chat chat;
    struct chat_picture picture; /* for the next question */
    char *model;
    int64_t output_tokens;
    double temperature; /* NAN: the model's own */
    bool json;          /* the response is printed as one object, once it is whole */
    bool over;          /* the user has ended it */
};

/* Asks: the response's text on stdout as it comes, its figures and what failed on stderr. Whether
 * the response came whole. */
bool chat_session_ask(struct chat_session *session, const char *text);

/* Does what a line that begins with '/' asks for, and says so on stderr. */
void chat_session_obey(struct chat_session *session, const char *line);

/* Says on stderr what the endpoint has no place for. */
void chat_session_note_limits(const struct chat_session *session);

/* Whether a word is a number of tokens, or a temperature, that may be asked for; else prints a
 * sentence that begins with `option`. */
bool chat_read_tokens(const char *option, const char *word, int64_t *tokens);
bool chat_read_temperature(const char *option, const char *word, double *temperature);

/* The lines that begin with '/', one a line, for --help and /help. */
extern const char chat_session_help[];

void chat_session_clear(struct chat_session *session);

#endif
