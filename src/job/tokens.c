#include "job/tokens.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/clock.h"
#include "core/memory.h"
#include "core/nul.h"
#include "core/spill.h"
#include "core/unit.h"
#include "job/interrupt.h"
#include "job/prompter_trace.h"

/* Counting that takes longer than this is told. */
static const double told_after_s = 5;

static bool count_one(const struct prompter *prompter, const struct text *text, int64_t *tokens,
                      struct error *error)
{
    return token_counter_count(prompter->preparation->tokenizer, text->bytes ? text->bytes : "",
                               text->length, tokens, error);
}

/* --- Before a row ----------------------------------------------------------------------------- */

/* A count of prompt 0, made of so many words, with its system message. */
static bool count_words(struct prompter *prompter, int64_t words, int64_t *tokens,
                        struct error *error)
{
    struct text system = {0}, text = {0};
    int64_t ahead = 0;
    bool done;

    prompter_add_system(prompter, 0, &system);
    prompter_add_text(prompter, 0, words, &text);
    done = (system.length == 0 || count_one(prompter, &system, &ahead, error)) &&
           count_one(prompter, &text, tokens, error);
    *tokens += ahead;
    text_clear(&system);
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

/* A session's texts up to where a turn begins, which has not been counted yet: all that was said
 * before it, each text by itself. */
struct said {
    size_t session;
    int64_t turns; /* how many were said; 0: none of a session */
    double tokens; /* NAN: not known */
};

/* Counting under way. Prompts of the same text follow each other where they are repeated, and each
 * line of a data set may be sent many times. */
struct counted {
    struct sending *part;
    struct prompter *prompter;
    int64_t *line;         /* tokens of each line of the data set, from 1 on; 0: not counted yet */
    int64_t words, tokens; /* of the last repeated prompt */
    int64_t system;        /* tokens of the row's system message, from 1 on; 0: not counted yet */
    size_t taken;          /* lines of the trace */
    struct said said;
    struct text text;
    size_t failed;
    struct error why; /* the first of them */
};

static void note_failure(struct counted *counted, const struct error *error)
{
    if (counted->failed++ == 0)
        counted->why = *error;
}

static bool count_text(struct counted *counted, int64_t *tokens)
{
    struct error error;

    nul_show(&counted->text);
    if (count_one(counted->prompter, &counted->text, tokens, &error))
        return true;
    note_failure(counted, &error);
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

/* Goes on to the line of a trace that request `index` is of, or session `index` begins with, unless
 * it stands there; false where there is none any more. */
static bool reach_line(struct counted *counted, size_t index)
{
    struct composed at = {.index = index};
    struct error error;

    if (!counted->prompter->trace || counted->taken > index)
        return true;
    counted->taken = index + 1;
    prompter_trace_reach(counted->prompter, &at);
    if (at.none && !prompter_trace_conclude(counted->prompter, &error))
        note_failure(counted, &error);
    return !at.none;
}

/* Of the system message alone; 0 where there is none. That of a row is the same for all of it. */
static bool count_system(struct counted *counted, size_t number, int64_t *tokens)
{
    bool one = !counted->prompter->dataset;

    *tokens = counted->system - 1;
    if (one && counted->system > 0)
        return true;
    text_reset(&counted->text);
    prompter_add_system(counted->prompter, number, &counted->text);
    *tokens = 0;
    if (counted->text.length > 0 && !count_text(counted, tokens))
        return false;
    counted->system = *tokens + 1;
    return true;
}

static void count_prompt(struct counted *counted, struct outcome *outcome, int64_t words)
{
    size_t number = outcome->turns > 0 ? outcome->session : outcome->index;
    int64_t *same = same_prompt(counted, number, words), tokens, ahead;

    if (same && *same > 0) {
        outcome->figures.value[METRIC_TOKENIZER_NUMBER_INPUT_TOKENS] = (double)(*same - 1);
        return;
    }
    if (!reach_line(counted, number) || !count_system(counted, number, &ahead))
        return;
    text_reset(&counted->text);
    prompter_add_text(counted->prompter, number, words, &counted->text);
    if (!count_text(counted, &tokens))
        return;
    tokens += ahead;
    outcome->figures.value[METRIC_TOKENIZER_NUMBER_INPUT_TOKENS] = (double)tokens;
    if (same)
        *same = tokens + 1;
}

/* A later turn's prompt holds all that was said before it, responses among it. */
static void count_turn(struct counted *counted, struct outcome *outcome)
{
    const struct said *said = &counted->said;
    int64_t tokens;

    if (said->session != outcome->session || said->turns != outcome->turn - 1 ||
        isnan(said->tokens) ||
        !prompter_turn_holds(counted->prompter, outcome->session, outcome->turn))
        return;
    text_reset(&counted->text);
    prompter_add_turn_text(counted->prompter, outcome->session, outcome->turn, &counted->text);
    if (count_text(counted, &tokens))
        outcome->figures.value[METRIC_TOKENIZER_NUMBER_INPUT_TOKENS] =
            said->tokens + (double)tokens;
}

static void note_said(struct counted *counted, const struct outcome *outcome)
{
    const double *value = outcome->figures.value;

    counted->said = (struct said){outcome->session, outcome->turn,
                                  value[METRIC_TOKENIZER_NUMBER_INPUT_TOKENS] +
                                      value[METRIC_TOKENIZER_NUMBER_OUTPUT_TOKENS]};
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

static bool count_outcome(struct counted *counted, struct outcome *outcome, struct error *error)
{
    struct sending *part = counted->part;
    bool texts = part->part == STEP_LOAD && part->files->keep_texts;
    bool completed = outcome->end == REQUEST_COMPLETED;

    if (outcome->turn > 1)
        count_turn(counted, outcome);
    else
        count_prompt(counted, outcome, part->words[outcome - part->outcomes]);
    if (texts && completed && !count_response(counted, outcome, error))
        return false;
    if (outcome->turns > 0 && completed)
        note_said(counted, outcome);
    return true;
}

static int compare(size_t a, size_t b)
{
    return (a > b) - (a < b);
}

/* Sessions one after another, each turn by turn; requests of a trace in its order. */
static int by_text(const void *a, const void *b)
{
    const struct outcome *x = *(struct outcome *const *)a, *y = *(struct outcome *const *)b;
    int order = compare(x->session, y->session);

    if (order == 0)
        order = compare((size_t)x->turn, (size_t)y->turn);
    if (order == 0 && x->turns == 0)
        order = compare(x->index, y->index);
    return order != 0 ? order : compare(x->record, y->record);
}

static bool count_all(struct counted *counted, struct error *error)
{
    struct sending *part = counted->part;
    struct outcome **outcome = memory_new(part->ended, sizeof *outcome);
    bool done = true;

    for (size_t i = 0; i < part->ended; i++)
        outcome[i] = &part->outcomes[i];
    qsort(outcome, part->ended, sizeof *outcome, by_text);
    for (size_t i = 0; i < part->ended && done && interrupt_asked < 2; i++) {
        if (!token_counter_works(counted->prompter->preparation->tokenizer))
            break;
        spill_pass(outcome[i], i);
        done = count_outcome(counted, outcome[i], error);
    }
    free(outcome);
    return done;
}

static void tell(const struct counted *counted, double seconds)
{
    const struct sending *part = counted->part;
    char line[120], count[UNIT_TEXT];

    if (counted->failed > 0)
        progress_say(part->job->progress, counted->why.text);
    if (seconds > told_after_s) {
        snprintf(line, sizeof line, "the tokenizer counted the texts of %s in %.1f s",
                 unit_count(part->ended, "request", NULL, count), seconds);
        progress_say(part->job->progress, line);
    }
}

bool tokens_count(struct sending *part, struct prompter *prompter, struct error *error)
{
    struct counted counted = {.part = part, .prompter = prompter};
    int64_t began_ns = clock_monotonic_ns();
    bool done;

    if (!token_counter_works(prompter->preparation->tokenizer) || part->ended == 0)
        return true;
    if (!prompter_trace_rewind(prompter, &counted.why)) {
        progress_say(part->job->progress, counted.why.text);
        return true;
    }
    if (prompter->dataset)
        counted.line = memory_new(prompter->dataset->count, sizeof *counted.line);
    done = count_all(&counted, error);
    tell(&counted, clock_seconds(began_ns, clock_monotonic_ns()));
    free(counted.line);
    text_clear(&counted.text);
    return done;
}
