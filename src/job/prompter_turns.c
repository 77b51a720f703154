/* Sessions of a row: the turns behind the first (prompter.h). */
#include "job/prompter.h"
#include "job/prompter_parts.h"
#include "prompt/words.h"

size_t prompter_number(const struct composed *composed)
{
    return composed->asked.turns > 0 ? composed->asked.session : composed->index;
}

void prompter_begin_session(const struct prompter *prompter, struct composed *composed)
{
    composed->asked.session = composed->index;
    composed->asked.turn = 1;
    composed->asked.turns = row_turns(prompter->row);
    if (prompter->dataset)
        composed->asked.turns = (int64_t)dataset_turns(
            prompter->dataset, prompter_line_number(prompter, composed->index),
            (size_t)composed->asked.turns);
}

/* What the user says in a later turn: what the data set has, else words that follow from session
 * and turn alone. The turns before make it one that no cache knows further than these. */
void prompter_add_turn_text(const struct prompter *prompter, size_t session, int64_t turn,
                            struct text *text)
{
    struct random random;

    if (prompter->dataset) {
        text_add_string(text, prompter_line(prompter, session)->later[turn - 2]);
        return;
    }
    prompter_start_draw(prompter, DRAW_TEXT, session, turn, &random);
    words_add(&random, prompter->turn_words, text);
}

/* How long such a prompt is, nobody asked for: as long as what came before, and the user's text. */
void prompter_compose_turn(struct prompter *prompter, struct composed *composed,
                           const char *response)
{
    const struct row *row = prompter->row;
    struct asked *asked = &composed->asked;
    struct text text = {0};

    asked->turn++;
    asked->input_tokens = asked->estimated_tokens = asked->words = 0;
    asked->output_tokens = prompter_draw_tokens(prompter, DRAW_OUTPUT, composed, row->output_tokens,
                                                row->stddev_output_tokens, 1);
    prompter_add_turn_text(prompter, prompter_number(composed), asked->turn, &text);
    composed->own_at = dialect_add_turn(&composed->prompt, response, text.bytes);
    text_clear(&text);
    if (row->stddev_output_tokens > 0) {
        text_reset(&composed->tail);
        prompter_compose_tail(prompter, composed);
    }
}
