#include "job/prompter.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "job/aim.h"
#include "job/listing.h"
#include "plan/probe.h"
#include "prompt/image.h"
#include "prompt/made_prompt.h"
#include "prompt/sonnets.h"
#include "prompt/words.h"

/* Keeps the draws for texts, pictures and lengths apart. */
enum {
    DRAW_TEXT = 0x74657874,
    DRAW_IMAGE = 0x696d6167,
    DRAW_INPUT = 0x696e7075,
    DRAW_OUTPUT = 0x6f757470
};

/* What a draw is made from names an attempt too; what later ones draw is the same. */
enum { DRAWN_FOR_ATTEMPT = 1 };

static const struct settings *settings_of(const struct prompter *prompter)
{
    return &prompter->preparation->settings;
}

/* What is repeated is the same for every request of the run. */
static void start_draw(const struct prompter *prompter, uint64_t purpose, uint64_t k,
                       struct random *random)
{
    bool repeat = settings_of(prompter)->prompt.repeat && purpose == DRAW_TEXT;
    uint64_t key[] = {purpose, (uint64_t)settings_of(prompter)->seed, prompter->step,
                      DRAWN_FOR_ATTEMPT, prompter->first + k};

    random_init(random, key, repeat ? 2 : 5);
}

/* --- Bodies ----------------------------------------------------------------------------------- */

static struct ask ask_of(const struct prompter *prompter, int64_t output_tokens)
{
    const struct row *row = prompter->row;

    struct ask ask = aim_ask(settings_of(prompter), row->model_name, output_tokens);

    ask.image = row->multimodal_img_size != ROW_NO_IMAGE;
    return ask;
}

static const char *const image_types[] = {"image/png", "image/jpeg"};

static bool prepare_bodies(struct prompter *prompter, struct error *error)
{
    const struct dialect *dialect = prompter->preparation->target.dialect;
    struct ask ask = ask_of(prompter, prompter->row->output_tokens);
    struct text png = {0};
    struct random random;
    bool done = true;

    dialect->write_body(&ask, &prompter->body);
    if (ask.image) {
        start_draw(prompter, DRAW_IMAGE, 0, &random);
        done = image_make(&random, image_pixels(prompter->row->multimodal_img_size), &png, error);
        text_add_base64(&prompter->image, png.bytes, png.length);
        text_clear(&png);
    }
    ask.image = true;
    for (size_t i = 0; prompter->dataset && prompter->dataset->images > 0 && i < 2; i++) {
        ask.image_type = image_types[i];
        dialect->write_body(&ask, &prompter->body_with[i]);
    }
    return done;
}

/* The end of a body that asks for as many tokens as no other. */
static void compose_tail(const struct prompter *prompter, struct composed *composed)
{
    struct ask ask = ask_of(prompter, composed->asked.output_tokens);
    struct body body = {0};

    ask.image |= composed->image != NULL;
    prompter->preparation->target.dialect->write_body(&ask, &body);
    text_add(&composed->tail, body.tail.bytes, body.tail.length);
    body_clear(&body);
}

/* --- Texts ------------------------------------------------------------------------------------ */

static void add_text(struct prompter *prompter, const char *name, const char *template)
{
    const struct row *row = prompter->row;
    const char *image = row_image_names[row->multimodal_img_size];
    struct prompter_text *text;

    prompter->text = memory_grow(prompter->text, prompter->texts, sizeof *prompter->text);
    text = &prompter->text[prompter->texts++];
    *text = (struct prompter_text){.name = name, .template = template};
    if (settings_of(prompter)->prompt.source == PROMPT_WORDS)
        text->kind = memory_text(image);
    else
        text->kind = memory_printf("%s%s%s", image, image[0] ? ", " : "", name);
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
    else if (settings_of(prompter)->prompt.source != PROMPT_PROMPTS)
        add_text(prompter, settings_source_names[settings_of(prompter)->prompt.source], NULL);
    for (size_t i = 0; prompter->texts == i && i < texts->count; i++)
        add_text(prompter, texts->text[i].name, texts->text[i].template);
}

/* No attempt sends more than the row's load and its probe. */
static size_t salts_of_attempt(const struct step_job *job)
{
    return (size_t)(row_requests_most(job->row) +
                    probe_requests(job->row, &job->preparation->settings));
}

bool prompter_init(struct prompter *prompter, const struct step_job *job, const struct row *row,
                   struct fidelity *fidelity, struct error *error)
{
    *prompter = (struct prompter){.preparation = job->preparation,
                                  .row = row,
                                  .step = job->index,
                                  .salted = (job->attempt - 1) * salts_of_attempt(job),
                                  .dataset = sources_dataset(&job->preparation->sources, row),
                                  .lock = PTHREAD_MUTEX_INITIALIZER,
                                  .fidelity = fidelity};
    *fidelity = prompter->outside = fidelity_unknown;
    choose_texts(prompter);
    return prepare_bodies(prompter, error);
}

/* --- Lengths ---------------------------------------------------------------------------------- */

/* Where nothing is known of a text, what another of the row taught is nearest: the template at
 * least is the same. Under the lock. */
static struct counting counting_of(const struct prompter *prompter, size_t text)
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
    counting = counting_of(prompter, text);
    pthread_mutex_unlock(&prompter->lock);
    return counting;
}

/* What a picture takes nobody asked for in tokens, so with one the text alone is counted. */
static bool counts_content(const struct prompter *prompter)
{
    return settings_of(prompter)->prompt.count == PROMPT_CONTENT ||
           prompter->row->multimodal_img_size != ROW_NO_IMAGE;
}

/* LLMPerf's spread: normal around the mean, cut off below 1 token. */
static int64_t draw_tokens(const struct prompter *prompter, uint64_t purpose, size_t index,
                           int64_t mean, double spread)
{
    struct random random;
    double tokens;

    if (spread == 0)
        return mean;
    start_draw(prompter, purpose, index, &random);
    do
        tokens = (double)mean + spread * random_normal(&random);
    while (tokens < 0.5);
    return llround(fmin(tokens, 10 * (double)mean + 10 * spread));
}

/* --- A prompt --------------------------------------------------------------------------------- */

static bool is_of_sonnets(const struct prompter *prompter, const struct prompter_text *from)
{
    return !from->template && settings_of(prompter)->prompt.source == PROMPT_SONNETS;
}

static void add_prompt(const struct prompter *prompter, const struct prompter_text *from,
                       const struct composed *composed, int64_t kept, struct random *random,
                       struct text *text)
{
    const struct settings *settings = settings_of(prompter);
    const struct made_prompt made = {.template = from->template,
                                     .sonnets = is_of_sonnets(prompter, from),
                                     .kept = kept,
                                     .salted = !settings->prompt.repeat,
                                     .seed = (uint64_t)settings->seed,
                                     .visit = prompter->step,
                                     .number =
                                         prompter->salted + prompter->first + composed->index};

    made_prompt_add(&made, composed->asked.words, random, text);
}

/* What is kept of each response needs its prompt in one piece. */
static bool may_share(const struct prompter *prompter)
{
    return !settings_of(prompter)->save_llm_responses;
}

/* Repeated prompts are cut from one text, which is made once; false where this one is longer than
 * that or may not share. */
static bool share_repeated(struct prompter *prompter, struct prompter_text *from,
                           struct random *random, struct composed *composed)
{
    int64_t words = composed->asked.words;

    if (!settings_of(prompter)->prompt.repeat || !may_share(prompter))
        return false;
    if (from->repeated_words == 0) {
        struct text text = {0};

        from->repeated_words = words;
        add_prompt(prompter, from, composed, words, random, &text);
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

static void compose_made(struct prompter *prompter, struct composed *composed)
{
    struct asked *asked = &composed->asked;
    struct counting counting;
    struct text text = {0};
    struct random random;
    int64_t count;

    asked->input_tokens =
        draw_tokens(prompter, DRAW_INPUT, composed->index, prompter->row->input_tokens,
                    prompter->row->stddev_input_tokens);
    start_draw(prompter, DRAW_TEXT, composed->index, &random);
    asked->text = prompter->texts > 1 ? random_below(&random, prompter->texts) : 0;
    asked->name = prompter->text[asked->text].name;
    counting = current_counting(prompter, asked->text);
    count = counting_words(&counting, asked->input_tokens, counts_content(prompter));
    asked->words = count > asked->input_tokens ? count : asked->input_tokens;
    if (share_repeated(prompter, &prompter->text[asked->text], &random, composed))
        return;
    add_prompt(prompter, &prompter->text[asked->text], composed, count, &random, &text);
    dialect_add_text(&composed->prompt, text.bytes);
    text_clear(&text);
}

/* As it stands in the data set, going round where requests are more than lines. */
static void compose_given(struct prompter *prompter, struct composed *composed)
{
    const struct dataset *dataset = prompter->dataset;
    size_t line = settings_of(prompter)->prompt.repeat
                      ? 0
                      : (prompter->first + composed->index) % dataset->count;
    const struct dataset_image *image = dataset_image_of(dataset, line);

    composed->asked.name = prompter->text[0].name;
    if (may_share(prompter)) {
        if (!prompter->given)
            prompter->given = memory_new(dataset->count, sizeof *prompter->given);
        if (prompter->given[line].length == 0)
            dialect_add_text(&prompter->given[line], dataset->line[line].prompt);
        composed->shared = prompter->given[line].bytes;
        composed->shared_length = prompter->given[line].length;
    } else {
        dialect_add_text(&composed->prompt, dataset->line[line].prompt);
    }
    if (image) {
        composed->body = &prompter->body_with[strcmp(image->type, image_types[1]) == 0];
        composed->image = &image->base64;
    }
}

void prompter_compose(struct prompter *prompter, struct composed *composed)
{
    const struct row *row = prompter->row;

    composed->asked.output_tokens = draw_tokens(prompter, DRAW_OUTPUT, composed->index,
                                                row->output_tokens, row->stddev_output_tokens);
    if (prompter->dataset)
        compose_given(prompter, composed);
    else
        compose_made(prompter, composed);
    if (row->stddev_output_tokens > 0)
        compose_tail(prompter, composed);
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
    count = counting_words(&counting, asked->input_tokens, counts_content(prompter));
    if (count < asked->words) {
        drop(composed, asked->words - count);
        asked->words = count;
    }
    if (!counts_content(prompter) || knows_own_count(prompter, asked->text))
        asked->estimated_tokens = counting_estimate(&counting, asked->words);
}

/* --- What the server counted ------------------------------------------------------------------ */

/* How far the server's count is from what was asked for; by its text alone, from what it should
 * have been with the template. */
static double prompt_error(const struct prompter *prompter, const struct request *request)
{
    const struct asked *asked = &request->asked;

    return request->usage.input_tokens -
           (double)(counts_content(prompter) ? asked->estimated_tokens : asked->input_tokens);
}

static struct fidelity *fidelity_for(struct prompter *prompter, const struct request *request)
{
    return request->phase == REQUEST_COUNTED ? prompter->fidelity : &prompter->outside;
}

static void note_prompt_error(struct prompter *prompter, const struct request *request)
{
    struct fidelity *fidelity = fidelity_for(prompter, request);
    double tolerance = settings_of(prompter)->prompt.tolerance;
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
    text->borrowed = false;
}

/* A length that was made by guess and counted by nobody. What is known of plain words holds for
 * prompts of words, whatever goes along with them. */
static void note_unconfirmed(struct prompter *prompter, const struct request *request)
{
    const struct prompter_text *text = &prompter->text[request->asked.text];
    bool plain = settings_of(prompter)->prompt.source == PROMPT_WORDS;
    bool known = text->counting.samples > 0 && (plain || !text->borrowed);

    if (request->asked.words > 0 && !(request->usage.input_tokens > 0) && !known)
        fidelity_for(prompter, request)->prompts_unconfirmed++;
}

/* The template is the same in all prompts, and of sonnets what they begin with, so a cache may well
 * know that. */
static void note_cached(struct prompter *prompter, const struct request *request)
{
    struct counting counting = counting_of(prompter, request->asked.text);
    double same = fmax(0, ceil(counting_overhead(&counting)));

    if (is_of_sonnets(prompter, &prompter->text[request->asked.text]))
        same += SONNETS_INSTRUCTION_TOKENS;
    if (!settings_of(prompter)->prompt.repeat && request->usage.cached_tokens > same)
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

void prompter_clear(struct prompter *prompter)
{
    for (size_t i = 0; i < prompter->texts; i++) {
        free(prompter->text[i].kind);
        text_clear(&prompter->text[i].repeated);
    }
    free(prompter->text);
    for (size_t i = 0; prompter->given && i < prompter->dataset->count; i++)
        text_clear(&prompter->given[i]);
    free(prompter->given);
    body_clear(&prompter->body);
    body_clear(&prompter->body_with[0]);
    body_clear(&prompter->body_with[1]);
    text_clear(&prompter->image);
    cutting_clear(&prompter->cutting);
    *prompter = (struct prompter){0};
}
