#include "stats/server_word.h"

#include <string.h>

/* Whether another visit to the model loads another configuration, by a bundle file. */
static bool has_others(const struct study *study, const struct study_visit *visit)
{
    for (size_t i = 0; i < study->visits && study->by_configuration; i++) {
        const struct study_visit *other = &study->visit[i];

        if (other->configuration != visit->configuration &&
            strcmp(other->step->row.model_name, visit->step->row.model_name) == 0)
            return true;
    }
    return false;
}

void server_word_note(struct study *study)
{
    for (size_t i = 0; i < study->visits; i++) {
        struct study_visit *visit = &study->visit[i];

        study->controlled |= visit->step->state.control != STATE_CONTROL_NONE;
        visit->word = server_state_stayed(&visit->step->state);
        if (visit->word == STATE_LOADED && has_others(study, visit))
            visit->word = STATE_UNKNOWN;
    }
}

void server_word_count(struct study *study)
{
    for (size_t i = 0; i < study->visits; i++) {
        const struct study_visit *visit = &study->visit[i];
        struct study_word *word = &study->word[visit->step->estimate.verdict];

        word->loads += visit->word == STATE_NOT_LOADED;
        word->stays += visit->word == STATE_LOADED;
    }
}
