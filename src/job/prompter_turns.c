/* Sessions of a row: the turns behind the first (prompter.h). */
#include "job/prompter.h"
#include "job/prompter_parts.h"
#include "job/prompter_trace.h"
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
    if (prompter->trace)
        composed->asked.turns = prompter_trace_turns(prompter, composed->index);
    if (prompter->dataset)
        composed->asked.turns = (int64_t)dataset_turns(
            prompter->dataset, prompter_line_number(prompter, composed->index),
            (size_t)composed->asked.turns);
}

/* `count` words that follow from session and turn alone. */
static void add_words(const struct prompter *prompter, size_t session, int64_t turn, int64_t count,
                      struct text *text)
{
    struct random random;

    prompter_start_draw(prompter, DRAW_TEXT, session, turn, &random);
    words_add(&random, count, text);
}

/* Of the user's text in a later turn. */
static int64_t turn_words(const struct prompter *prompter, size_t session, int64_t turn)
{
    return prompter->trace
               ? prompter_words_of(prompter_trace_turn(prompter, session, turn)->own_tokens,
                                   prompter->tokens_a_word)
               : prompter->turn_words;
}

/* What the user says in a later turn: what the data set has, else words. The turns before make it
 * one that no cache knows further than these. */
void prompter_add_turn_text(const struct prompter *prompter, size_t session, int64_t turn,
                            struct text *text)
{
    if (prompter->dataset)
        text_add_string(text, prompter_line(prompter, session)->later[turn - 2]);
    else
        add_words(prompter, session, turn, turn_words(prompter, session, turn), text);
}

bool prompter_turn_holds(const struct prompter *prompter, size_t session, int64_t turn)
{
    return !prompter->trace || prompter_trace_turn(prompter, session, turn)->own_tokens > 0;
}

/* A line of a trace that does not hold what came before has a prompt of its own. */
static void begin_anew(struct prompter *prompter, struct composed *composed, int64_t tokens,
                       struct text *text)
{
    add_words(prompter, prompter_number(composed), composed->asked.turn,
              prompter_words_now(prompter, tokens), text);
    text_reset(&composed->prompt);
    dialect_add_text(&composed->prompt, text->bytes);
    composed->own_at = 0;
}

/* How much it asks for; a trace's line also says when it leaves. */
static void choose_turn(const struct prompter *prompter, struct composed *composed)
{
    const struct row *row = prompter->row;
    struct asked *asked = &composed->asked;

    if (prompter->trace) {
        const struct trace_turn *turn =
            prompter_trace_turn(prompter, prompter_number(composed), asked->turn);

        composed->at_s = turn->at_s;
        asked->output_tokens = turn->output_tokens;
        return;
    }
    asked->output_tokens = prompter_draw_tokens(prompter, DRAW_OUTPUT, composed, row->output_tokens,
                                                row->stddev_output_tokens, 1);
}

/* How long such a prompt is, nobody asked for: as long as what came before, and the user's text. */
void prompter_compose_turn(struct prompter *prompter, struct composed *composed,
                           const char *response)
{
    struct asked *asked = &composed->asked;
    size_t number = prompter_number(composed);
    struct text text = {0};

    asked->turn++;
    asked->input_tokens = asked->estimated_tokens = asked->words = 0;
    choose_turn(prompter, composed);
    if (prompter_turn_holds(prompter, number, asked->turn)) {
        prompter_add_turn_text(prompter, number, asked->turn, &text);
        composed->own_at = dialect_add_turn(&composed->prompt, response, text.bytes);
    } else {
        begin_anew(prompter, composed,
                   prompter_trace_turn(prompter, number, asked->turn)->input_tokens, &text);
    }
    text_clear(&text);
    if (prompter_has_tail(prompter)) {
        text_reset(&composed->tail);
        prompter_compose_tail(prompter, composed);
    }
}
