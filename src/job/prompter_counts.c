/* What a row's prompts learn of the server's counts (prompter.h). */
#include <math.h>

#include "job/listing.h"
#include "job/prompter.h"
#include "job/prompter_parts.h"
#include "prompt/sonnets.h"

/* How far the server's count is from what was asked for; by its text alone, from what it should
 * have been with the template. */
static double prompt_error(const struct prompter *prompter, const struct request *request)
{
    const struct asked *asked = &request->asked;

    return request->usage.input_tokens - (double)(prompter_counts_content(prompter)
                                                      ? asked->estimated_tokens
                                                      : asked->input_tokens);
}

static struct fidelity *fidelity_for(struct prompter *prompter, const struct request *request)
{
    return request->phase == REQUEST_COUNTED ? prompter->fidelity : &prompter->outside;
}

static void note_prompt_error(struct prompter *prompter, const struct request *request)
{
    struct fidelity *fidelity = fidelity_for(prompter, request);
    double tolerance = prompter_settings(prompter)->prompt.tolerance;
    double error = prompt_error(prompter, request);

    if (request->asked.estimated_tokens == 0)
        return; /* nothing to hold it against */
    if (tolerance == 0)
        tolerance = counting_tolerance(request->asked.input_tokens);
    fidelity->prompts_off += fabs(error) > tolerance;
    if (!(fabs(error) <= fabs(fidelity->prompt_error_tokens_max)))
        fidelity->prompt_error_tokens_max = error;
}

static void learn_counts(struct prompter *prompter, const struct request *request)
{
    struct prompter_text *text = &prompter->text[request->asked.text];

    if (!(request->usage.input_tokens > 0) || request->asked.words == 0)
        return;
    note_prompt_error(prompter, request);
    if (!counting_learn(&text->counting, request->asked.words,
                        llround(request->usage.input_tokens)))
        return;
    text->counted = true;
    text->borrowed = text->expected = false;
}

/* What a tokenizer counted holds for the text, and not for the template around it. What is known of
 * plain words holds for prompts of words, whatever goes along with them. */
static bool knows_length(const struct prompter *prompter, const struct prompter_text *text)
{
    bool plain = prompter_settings(prompter)->prompt.source == PROMPT_WORDS;

    if (text->expected)
        return prompter_counts_content(prompter);
    return text->counting.samples > 0 && (plain || !text->borrowed);
}

/* A length that was made by guess and counted by nobody. */
static void note_unconfirmed(struct prompter *prompter, const struct request *request)
{
    const struct prompter_text *text = &prompter->text[request->asked.text];

    if (request->asked.words > 0 && !(request->usage.input_tokens > 0) &&
        !knows_length(prompter, text))
        fidelity_for(prompter, request)->prompts_unconfirmed++;
}

/* The template is the same in all prompts, so is the system message, and of sonnets what they begin
 * with, so a cache may well know that. Later turns of a session begin with the turns before. */
static void note_cached(struct prompter *prompter, const struct request *request)
{
    struct counting counting = prompter_counting(prompter, request->asked.text);
    double same = fmax(0, ceil(counting_overhead(&counting)));

    if (request->asked.turn > 1)
        return; /* it is meant to know the turns before */

    same += ceil(prompter->prefix_counted);
    if (prompter_is_of_sonnets(prompter, &prompter->text[request->asked.text]))
        same += SONNETS_INSTRUCTION_TOKENS;
    if (!prompter_settings(prompter)->prompt.repeat && !prompter->row->trace_reuses &&
        request->usage.cached_tokens > same)
        fidelity_for(prompter, request)->prompts_cached++;
}

void prompter_learn(struct prompter *prompter, const struct request *request)
{
    pthread_mutex_lock(&prompter->lock);
    learn_counts(prompter, request);
    note_unconfirmed(prompter, request);
    note_cached(prompter, request);
    if (request->phase == REQUEST_COUNTED)
        cutting_note(&prompter->cutting, request);
    pthread_mutex_unlock(&prompter->lock);
}

void prompter_conclude(struct prompter *prompter)
{
    int64_t context = 0;

    if (prompter->cutting.short_responses > 0)
        context = listing_context(prompter->preparation, prompter->row->model_name);
    cutting_conclude(&prompter->cutting, context, prompter->fidelity);
}

bool prompter_keep(struct prompter *prompter, struct error *error)
{
    bool done = true;

    if (cutting_of_prompts(&prompter->cutting))
        return true;

    for (size_t i = 0; i < prompter->texts && done; i++) {
        const struct prompter_text *text = &prompter->text[i];

        if (text->counted)
            done = learned_keep(prompter->preparation->learned, prompter->row->model_name,
                                text->kind, &text->counting, error);
    }
    return done;
}
