#include "job/prompter.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "job/aim.h"
#include "job/prompter_parts.h"
#include "job/prompter_trace.h"
#include "plan/probe.h"
#include "prompt/image.h"
#include "prompt/made_prompt.h"
#include "prompt/sonnets.h"
#include "prompt/words.h"

const char prompter_prefix_kind[] = "system";

const struct settings *prompter_settings(const struct prompter *prompter)
{
    return &prompter->preparation->settings;
}

/* What is repeated is the same for every request of the run, or every session's turn of that
 * number. */
void prompter_start_draw(const struct prompter *prompter, enum prompter_draw purpose, size_t k,
                         int64_t turn, struct random *random)
{
    const struct settings *settings = prompter_settings(prompter);
    bool later = turn > 1;
    uint64_t repeated[] = {purpose, (uint64_t)settings->seed, (uint64_t)turn};
    uint64_t key[] = {purpose,           (uint64_t)settings->seed, prompter->step,
                      DRAWN_FOR_ATTEMPT, prompter->first + k,      (uint64_t)turn};

    if (settings->prompt.repeat && purpose == DRAW_TEXT)
        random_init(random, repeated, 2 + later);
    else
        random_init(random, key, 5 + later);
}

/* --- Bodies ----------------------------------------------------------------------------------- */

struct ask prompter_ask(const struct prompter *prompter, int64_t output_tokens)
{
    const struct row *row = prompter->row;

    struct ask ask = aim_ask(prompter_settings(prompter), row->model_name, output_tokens);

    ask.image = row->multimodal_img_size != ROW_NO_IMAGE;
    ask.prefix = prompter->prefix;
    ask.session = row_has_sessions(row);
    return ask;
}

const char *const prompter_image_types[] = {"image/png", "image/jpeg"};

static bool prepare_bodies(struct prompter *prompter, struct error *error)
{
    const struct dialect *dialect = prompter->preparation->target.dialect;
    struct ask ask = prompter_ask(prompter, prompter->row->output_tokens);
    struct text png = {0};
    struct random random;
    bool done = true;

    dialect->write_body(&ask, &prompter->body);
    if (ask.image) {
        prompter_start_draw(prompter, DRAW_IMAGE, 0, 0, &random);
        done = image_make(&random, image_pixels(prompter->row->multimodal_img_size), &png, error);
        text_add_base64(&prompter->image, png.bytes, png.length);
        text_clear(&png);
    }
    ask.image = true;
    for (size_t i = 0; prompter->dataset && prompter->dataset->images > 0 && i < 2; i++) {
        ask.image_type = prompter_image_types[i];
        dialect->write_body(&ask, &prompter->body_with[i]);
    }
    return done;
}

bool prompter_has_tail(const struct prompter *prompter)
{
    return prompter->trace || prompter->row->stddev_output_tokens > 0;
}

/* The end of a body that asks for as many tokens as no other. */
void prompter_compose_tail(const struct prompter *prompter, struct composed *composed)
{
    struct ask ask = prompter_ask(prompter, composed->asked.output_tokens);
    struct body body = {0};

    ask.image |= composed->image != NULL;
    prompter->preparation->target.dialect->write_body(&ask, &body);
    text_add(&composed->tail, body.tail.bytes, body.tail.length);
    body_clear(&body);
}

/* --- Texts ------------------------------------------------------------------------------------ */

/* Picture, system message and the text's name, as far as it has them: nothing of plain words. */
static char *make_kind(const struct prompter *prompter, const char *name)
{
    bool words = prompter_settings(prompter)->prompt.source == PROMPT_WORDS;
    const char *const parts[] = {row_image_names[prompter->row->multimodal_img_size],
                                 prompter->row->prefix_tokens > 0 ? prompter_prefix_kind : "",
                                 words ? "" : name};
    struct text kind = {0};

    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        if (parts[i][0])
            text_printf(&kind, "%s%s", kind.length > 0 ? ", " : "", parts[i]);
    }
    return kind.bytes ? text_take(&kind) : memory_text("");
}

static void add_text(struct prompter *prompter, const char *name, const char *template)
{
    const struct row *row = prompter->row;
    struct prompter_text *text;

    prompter->text = memory_grow(prompter->text, prompter->texts, sizeof *prompter->text);
    text = &prompter->text[prompter->texts++];
    *text = (struct prompter_text){.name = name, .template = template};
    text->kind = make_kind(prompter, name);
    text->counting = learned_counting(prompter->preparation->learned, row->model_name, text->kind);
    text->borrowed = text->counting.samples == 0;
    if (text->borrowed) /* the template at least is the same */
        text->counting = learned_counting(prompter->preparation->learned, row->model_name, "");
    text->counting.remembered = true;
}

/* The kit's name for whatever comes from a data set. */
static const char dataset_prompt[] = "custom_prompt";

static void choose_texts(struct prompter *prompter)
{
    const struct prompt_texts *texts = &prompter->preparation->sources.texts;

    if (prompter->dataset)
        add_text(prompter, dataset_prompt, NULL);
    else if (prompter_settings(prompter)->prompt.source != PROMPT_PROMPTS)
        add_text(prompter, settings_source_names[prompter_settings(prompter)->prompt.source], NULL);
    for (size_t i = 0; prompter->texts == i && i < texts->count; i++)
        add_text(prompter, texts->text[i].name, texts->text[i].template);
}

/* No attempt sends more than the row's load and its probe. */
static size_t salts_of_attempt(const struct step_job *job)
{
    return (size_t)(row_requests_most(job->row) +
                    probe_requests(job->row, &job->preparation->settings));
}

void prompter_init(struct prompter *prompter, const struct step_job *job, const struct row *row,
                   struct fidelity *fidelity)
{
    *prompter = (struct prompter){.preparation = job->preparation,
                                  .row = row,
                                  .step = job->index,
                                  .attempt = job->attempt,
                                  .salted = (job->attempt - 1) * salts_of_attempt(job),
                                  .dataset = sources_dataset(&job->preparation->sources, row),
                                  .lock = PTHREAD_MUTEX_INITIALIZER,
                                  .fidelity = fidelity};
    *fidelity = prompter->outside = fidelity_unknown;
    choose_texts(prompter);
}

/* What a word takes is known best of plain words; until then, of what is sent. */
static double tokens_a_word(const struct prompter *prompter)
{
    struct counting plain =
        learned_counting(prompter->preparation->learned, prompter->row->model_name, "");

    return counting_per_word(plain.samples > 0 ? &plain : &prompter->text[0].counting);
}

int64_t prompter_words_of(int64_t tokens, double a_word)
{
    return (int64_t)fmax(1, round((double)tokens / a_word));
}

/* All of the step's prompts begin with it, its probe's too. */
static void make_prefix(struct prompter *prompter, double a_word)
{
    const uint64_t key[] = {DRAW_PREFIX, (uint64_t)prompter_settings(prompter)->seed,
                            prompter->step, prompter->attempt};
    struct text text = {0};
    struct random random;

    random_init(&random, key, sizeof key / sizeof *key);
    prompter->prefix_words = (int64_t)fmax(1, round((double)prompter->row->prefix_tokens / a_word));
    prompter->prefix_counted = (double)prompter->prefix_words * a_word;
    words_add(&random, prompter->prefix_words, &text);
    prompter->prefix = text_take(&text);
}

bool prompter_settle(struct prompter *prompter, struct error *error)
{
    double a_word = tokens_a_word(prompter);

    if (prompter->row->prefix_tokens > 0)
        make_prefix(prompter, a_word);
    prompter->tokens_a_word = a_word;
    prompter->turn_words = prompter_words_of(prompter->row->turn_input_tokens, a_word);
    return prompter_trace_open(prompter, error) && prepare_bodies(prompter, error);
}

/* --- Lengths ---------------------------------------------------------------------------------- */

/* What another text taught has the same template at least. */
struct counting prompter_counting(const struct prompter *prompter, size_t text)
{
    struct counting counting = prompter->text[text].counting;

    for (size_t i = 0; i < prompter->texts && counting.samples == 0; i++)
        counting = prompter->text[i].counting;
    return counting;
}

static bool knows_own_count(struct prompter *prompter, size_t text)
{
    bool knows;

    pthread_mutex_lock(&prompter->lock);
    knows = prompter->text[text].counting.samples > 0 && !prompter->text[text].borrowed;
    pthread_mutex_unlock(&prompter->lock);
    return knows;
}

static struct counting current_counting(struct prompter *prompter, size_t text)
{
    struct counting counting;

    pthread_mutex_lock(&prompter->lock);
    counting = prompter_counting(prompter, text);
    pthread_mutex_unlock(&prompter->lock);
    return counting;
}

bool prompter_counts_content(const struct prompter *prompter)
{
    return prompter_settings(prompter)->prompt.count == PROMPT_CONTENT ||
           prompter->row->multimodal_img_size != ROW_NO_IMAGE;
}

/* The words of a prompt and its system message that come nearest to so many tokens. */
static int64_t words_for(const struct prompter *prompter, const struct counting *counting,
                         int64_t tokens)
{
    int64_t words = counting_words(counting, tokens, prompter_counts_content(prompter));

    return words > prompter->prefix_words ? words : prompter->prefix_words + 1;
}

int64_t prompter_words_now(struct prompter *prompter, int64_t tokens)
{
    struct counting counting = current_counting(prompter, 0);

    return words_for(prompter, &counting, tokens);
}

/* LLMPerf's spread: normal around the mean. */
int64_t prompter_draw_tokens(const struct prompter *prompter, enum prompter_draw purpose,
                             const struct composed *composed, int64_t mean, double spread,
                             int64_t least)
{
    struct random random;
    double tokens;

    if (spread == 0)
        return mean;
    prompter_start_draw(prompter, purpose, prompter_number(composed), composed->asked.turn,
                        &random);
    do
        tokens = (double)mean + spread * random_normal(&random);
    while (tokens < (double)least - 0.5);
    return llround(fmin(tokens, 10 * (double)mean + 10 * spread));
}

/* --- A prompt --------------------------------------------------------------------------------- */

bool prompter_is_of_sonnets(const struct prompter *prompter, const struct prompter_text *from)
{
    return !from->template && prompter_settings(prompter)->prompt.source == PROMPT_SONNETS;
}

/* Request k's prompt of `words` words, those of the system message among them, of which `kept` are
 * expected to stay. */
static void add_prompt(const struct prompter *prompter, const struct prompter_text *from, size_t k,
                       int64_t words, int64_t kept, struct random *random, struct text *text)
{
    const struct settings *settings = prompter_settings(prompter);
    const struct made_prompt made = {.template = from->template,
                                     .sonnets = prompter_is_of_sonnets(prompter, from),
                                     .kept = kept - prompter->prefix_words,
                                     .salted = !settings->prompt.repeat,
                                     .seed = (uint64_t)settings->seed,
                                     .visit = prompter->step,
                                     .number = prompter->salted + prompter->first + k};

    made_prompt_add(&made, words - prompter->prefix_words, random, text);
}

/* What is kept of each response needs its prompt in one piece, and a session continues it. */
bool prompter_may_share(const struct prompter *prompter)
{
    return !prompter_settings(prompter)->save_llm_responses && !row_has_sessions(prompter->row);
}

/* Repeated prompts are cut from one text, which is made once; false where this one is longer than
 * that or may not share. */
static bool share_repeated(struct prompter *prompter, struct prompter_text *from,
                           struct random *random, struct composed *composed)
{
    int64_t words = composed->asked.words;

    if (!prompter_settings(prompter)->prompt.repeat || !prompter_may_share(prompter))
        return false;
    if (from->repeated_words == 0) {
        struct text text = {0};

        from->repeated_words = words;
        add_prompt(prompter, from, composed->index, words, words, random, &text);
        dialect_add_text(&from->repeated, text.bytes);
        text_clear(&text);
    }
    if (words > from->repeated_words)
        return false;
    composed->shared = from->repeated.bytes;
    composed->shared_length =
        words_without(from->repeated.bytes, from->repeated.length, from->repeated_words - words);
    return true;
}

/* Which text request k is made of; `random` then gives its words. */
static size_t draw_text(const struct prompter *prompter, size_t k, struct random *random)
{
    prompter_start_draw(prompter, DRAW_TEXT, k, 0, random);
    return prompter->texts > 1 ? random_below(random, prompter->texts) : 0;
}

static void compose_made(struct prompter *prompter, struct composed *composed)
{
    struct asked *asked = &composed->asked;
    struct counting counting;
    struct text text = {0};
    struct random random;
    int64_t count;

    asked->text = draw_text(prompter, composed->index, &random);
    asked->name = prompter->text[asked->text].name;
    counting = current_counting(prompter, asked->text);
    count = words_for(prompter, &counting, asked->input_tokens);
    asked->words = count > asked->input_tokens ? count : asked->input_tokens;
    if (prompter_trace_has_blocks(prompter))
        prompter_trace_add_blocks(prompter, asked->words, &text);
    else if (share_repeated(prompter, &prompter->text[asked->text], &random, composed))
        return;
    else
        add_prompt(prompter, &prompter->text[asked->text], composed->index, asked->words, count,
                   &random, &text);
    dialect_add_text(&composed->prompt, text.bytes);
    text_clear(&text);
}

/* How much request k asks for: as the row says, or its trace, which says also when. */
static void choose_lengths(struct prompter *prompter, struct composed *composed)
{
    const struct row *row = prompter->row;

    if (prompter->trace) {
        prompter_trace_reach(prompter, composed);
        if (row_has_sessions(row) && !composed->none)
            prompter_begin_session(prompter, composed);
        return;
    }
    if (row_has_sessions(row))
        prompter_begin_session(prompter, composed);
    composed->asked.output_tokens = prompter_draw_tokens(
        prompter, DRAW_OUTPUT, composed, row->output_tokens, row->stddev_output_tokens, 1);
    if (!prompter->dataset)
        composed->asked.input_tokens =
            prompter_draw_tokens(prompter, DRAW_INPUT, composed, row->input_tokens,
                                 row->stddev_input_tokens, row->prefix_tokens + 1);
}

void prompter_compose(struct prompter *prompter, struct composed *composed)
{
    choose_lengths(prompter, composed);
    if (composed->none)
        return;
    if (prompter->dataset)
        prompter_compose_given(prompter, composed);
    else
        compose_made(prompter, composed);
    if (prompter_has_tail(prompter))
        prompter_compose_tail(prompter, composed);
}

static void drop(struct composed *composed, int64_t words)
{
    if (composed->shared)
        composed->shared_length = words_without(composed->shared, composed->shared_length, words);
    else
        words_drop(&composed->prompt, words);
}

void prompter_fit(struct prompter *prompter, struct composed *composed)
{
    struct asked *asked = &composed->asked;
    struct counting counting;
    int64_t count;

    if (asked->words == 0)
        return;
    counting = current_counting(prompter, asked->text);
    count = words_for(prompter, &counting, asked->input_tokens);
    if (count < asked->words) {
        drop(composed, asked->words - count);
        asked->words = count;
    }
    if (!prompter_counts_content(prompter) || knows_own_count(prompter, asked->text))
        asked->estimated_tokens = counting_estimate(&counting, asked->words);
}

void prompter_add_system(const struct prompter *prompter, size_t index, struct text *text)
{
    const char *own = prompter->dataset ? prompter_line(prompter, index)->system : NULL;

    if (prompter->prefix)
        text_add_string(text, prompter->prefix);
    if (own)
        text_printf(text, "%s%s", prompter->prefix ? prompter_between : "", own);
}

void prompter_add_text(const struct prompter *prompter, size_t index, int64_t words,
                       struct text *text)
{
    struct random random;
    size_t from;

    if (prompter->dataset) {
        text_add_string(text, prompter_line(prompter, index)->prompt);
        return;
    }
    if (prompter_trace_has_blocks(prompter)) {
        prompter_trace_add_blocks(prompter, words, text);
        return;
    }
    from = draw_text(prompter, index, &random);
    add_prompt(prompter, &prompter->text[from], index, words, words, &random, text);
}

void prompter_expect(struct prompter *prompter, size_t text, const struct counting *counting)
{
    prompter->text[text].counting = *counting;
    prompter->text[text].counting.remembered = true;
    prompter->text[text].borrowed = prompter->text[text].expected = true;
}

void prompter_clear(struct prompter *prompter)
{
    for (size_t i = 0; i < prompter->texts; i++) {
        free(prompter->text[i].kind);
        text_clear(&prompter->text[i].repeated);
    }
    free(prompter->text);
    prompter_clear_given(prompter);
    free(prompter->prefix);
    body_clear(&prompter->body);
    body_clear(&prompter->body_with[0]);
    body_clear(&prompter->body_with[1]);
    text_clear(&prompter->image);
    prompter_trace_close(prompter);
    cutting_clear(&prompter->cutting);
    *prompter = (struct prompter){0};
}
