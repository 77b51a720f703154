#include "job/tokens.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/clock.h"
#include "core/memory.h"
#include "core/spill.h"
#include "job/interrupt.h"

/* Counting that takes longer than this is told. */
static const double told_after_s = 5;

/* --- Before a row ----------------------------------------------------------------------------- */

/* A count of prompt 0, made of so many words. */
static bool count_words(struct prompter *prompter, int64_t words, int64_t *tokens,
                        struct error *error)
{
    struct text text = {0};
    bool done;

    prompter_add_text(prompter, 0, words, &text);
    done = token_counter_count(prompter->preparation->tokenizer, text.bytes, text.length, tokens,
                               error);
    text_clear(&text);
    return done;
}

/* All texts of a row are counted as the one that its first prompt is made of. What is counted is
 * the text alone, so no words have no tokens: a line through two lengths of random words may miss
 * that. */
static bool learn(struct prompter *prompter, struct counting *counting, struct error *error)
{
    const int64_t words[] = {0, prompter->row->input_tokens};
    int64_t tokens[] = {0, 0};

    if (!count_words(prompter, words[1], &tokens[1], error))
        return false;
    *counting = counting_from_pairs(words, tokens, 2);
    return true;
}

void tokens_expect(struct prompter *prompter, struct progress *progress)
{
    struct counting counting = {0};
    struct error error;

    if (!token_counter_works(prompter->preparation->tokenizer) || prompter->dataset)
        return;
    for (size_t i = 0; i < prompter->texts; i++) {
        if (prompter->text[i].counting.samples > 0)
            return;
    }
    if (!learn(prompter, &counting, &error))
        progress_say(progress, error.text);
    for (size_t i = 0; i < prompter->texts && counting.samples > 0; i++)
        prompter_expect(prompter, i, &counting);
}

/* --- After it --------------------------------------------------------------------------------- */

/* Counting under way. Prompts of the same text follow each other where they are repeated, and each
 * line of a data set may be sent many times. */
struct counted {
    struct sending *part;
    const struct prompter *prompter;
    int64_t *line;         /* tokens of each line of the data set, from 1 on; 0: not counted yet */
    int64_t words, tokens; /* of the last repeated prompt */
    struct text text;
    size_t failed;
    struct error why; /* the first of them */
};

static bool count_text(struct counted *counted, int64_t *tokens)
{
    struct error error;

    if (token_counter_count(counted->prompter->preparation->tokenizer,
                            counted->text.bytes ? counted->text.bytes : "", counted->text.length,
                            tokens, &error))
        return true;
    if (counted->failed++ == 0)
        counted->why = error;
    return false;
}

/* Where the tokens of the same prompt are kept, plus 1; NULL: no other is the same. */
static int64_t *same_prompt(struct counted *counted, size_t index, int64_t words)
{
    const struct prompter *prompter = counted->prompter;
    bool repeat = prompter->preparation->settings.prompt.repeat;

    if (prompter->dataset)
        return &counted->line[repeat ? 0 : (prompter->first + index) % prompter->dataset->count];
    if (!repeat)
        return NULL;
    if (counted->words != words)
        counted->tokens = 0;
    counted->words = words;
    return &counted->tokens;
}

static void count_prompt(struct counted *counted, struct outcome *outcome, int64_t words)
{
    size_t number = outcome->turns > 0 ? outcome->session : outcome->index;
    int64_t *same = same_prompt(counted, number, words), tokens;

    if (outcome->turn > 1)
        return; /* it holds responses, which are not kept */
    if (same && *same > 0) {
        outcome->figures.value[METRIC_TOKENIZER_NUMBER_INPUT_TOKENS] = (double)(*same - 1);
        return;
    }
    text_reset(&counted->text);
    prompter_add_text(counted->prompter, number, words, &counted->text);
    if (!count_text(counted, &tokens))
        return;
    outcome->figures.value[METRIC_TOKENIZER_NUMBER_INPUT_TOKENS] = (double)tokens;
    if (same)
        *same = tokens + 1;
}

static bool count_response(struct counted *counted, struct outcome *outcome, struct error *error)
{
    int64_t tokens;
    bool kept;

    text_reset(&counted->text);
    if (!step_files_completion(counted->part->files, outcome->record, &counted->text, &kept, error))
        return false;
    if (kept && count_text(counted, &tokens))
        outcome->figures.value[METRIC_TOKENIZER_NUMBER_OUTPUT_TOKENS] = (double)tokens;
    return true;
}

static bool count_all(struct counted *counted, struct error *error)
{
    struct sending *part = counted->part;
    bool texts = part->part == STEP_LOAD && part->files->keep_texts, done = true;

    for (size_t i = 0; i < part->ended && done && interrupt_asked < 2; i++) {
        if (!token_counter_works(counted->prompter->preparation->tokenizer))
            break;
        spill_pass(&part->outcomes[i], i);
        count_prompt(counted, &part->outcomes[i], part->words[i]);
        if (texts && part->outcomes[i].end == REQUEST_COMPLETED)
            done = count_response(counted, &part->outcomes[i], error);
    }
    return done;
}

static void tell(const struct counted *counted, double seconds)
{
    const struct sending *part = counted->part;
    char line[120];

    if (counted->failed > 0)
        progress_say(part->job->progress, counted->why.text);
    if (seconds > told_after_s) {
        snprintf(line, sizeof line, "the tokenizer counted the texts of %zu requests in %.1f s",
                 part->ended, seconds);
        progress_say(part->job->progress, line);
    }
}

bool tokens_count(struct sending *part, const struct prompter *prompter, struct error *error)
{
    struct counted counted = {.part = part, .prompter = prompter};
    int64_t began_ns = clock_monotonic_ns();
    bool done;

    if (!token_counter_works(prompter->preparation->tokenizer) || part->ended == 0)
        return true;
    if (prompter->dataset)
        counted.line = memory_new(prompter->dataset->count, sizeof *counted.line);
    done = count_all(&counted, error);
    tell(&counted, clock_seconds(began_ns, clock_monotonic_ns()));
    free(counted.line);
    text_clear(&counted.text);
    return done;
}
