#include "record/state.h"

#include <math.h>
#include <stdlib.h>

const char *const state_source_words[] = {"none",   "auto", "llama.cpp", "llama-swap",
                                          "ollama", "vllm", NULL};

const char *const state_control_words[] = {"none",      "unload_all", "unload_this",
                                           "load_this", "command",    NULL};

const char *const state_word_words[] = {"unknown", "no", "yes", NULL};

const struct server_state server_state_none = {.load_s = NAN, .control_s = NAN};

enum state_word server_state_stayed(const struct server_state *state)
{
    return state->load_s > 0 ? STATE_NOT_LOADED : state->loaded[STATE_BEFORE];
}

void server_state_clear(struct server_state *state)
{
    for (int i = 0; i < STATE_MOMENTS; i++)
        free(state->models[i]);
    free(state->control_error);
    *state = server_state_none;
}
