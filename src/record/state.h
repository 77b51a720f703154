/* What a server says is loaded, around a step, and what was made to be loaded or unloaded before
 * it. Plain data, no logic. */
#ifndef RECORD_STATE_H
#define RECORD_STATE_H

#include <stdbool.h>
#include <stddef.h>

/* Which server's words are asked for: `residency_source`. */
enum state_source {
    STATE_SOURCE_NONE,
    STATE_SOURCE_AUTO, /* the first of the others that the endpoint answers as */
    STATE_SOURCE_LLAMA_CPP,
    STATE_SOURCE_LLAMA_SWAP,
    STATE_SOURCE_OLLAMA,
    STATE_SOURCE_VLLM,
    STATE_SOURCES
};
extern const char *const state_source_words[]; /* ends with NULL */

/* What is done before a step: `before_step`. */
enum state_control {
    STATE_CONTROL_NONE,
    STATE_CONTROL_UNLOAD_ALL,
    STATE_CONTROL_UNLOAD_THIS, /* the row's own model */
    STATE_CONTROL_LOAD_THIS,
    STATE_CONTROL_COMMAND, /* a program of the user's */
    STATE_CONTROLS
};
extern const char *const state_control_words[]; /* ends with NULL */

/* Of a model. */
enum state_word { STATE_UNKNOWN, STATE_NOT_LOADED, STATE_LOADED };
extern const char *const state_word_words[]; /* "unknown", "no", "yes", NULL */

/* When it is asked. */
enum state_moment { STATE_BEFORE, STATE_AFTER_PROBE, STATE_AFTER, STATE_MOMENTS };

struct server_state {
    enum state_source source;              /* who was asked; STATE_SOURCE_NONE: nobody */
    enum state_word loaded[STATE_MOMENTS]; /* the row's model */
    char *models[STATE_MOMENTS]; /* all that is loaded, as a JSON list; NULL: not asked; owned; not
                                  * read back */
    double load_s;               /* by the server's own events of the step; NAN: none was told */
    enum state_control control;  /* what was done before it */
    double control_s;            /* what that took; NAN: nothing was done */
    char *control_error;         /* why it was not done; NULL: it was; owned */
};

/* Nothing asked, nothing done. */
extern const struct server_state server_state_none;

/* Whether the server's word is that the visit had to load its model, or that it had not. */
enum state_word server_state_stayed(const struct server_state *state);

void server_state_clear(struct server_state *state);

#endif
