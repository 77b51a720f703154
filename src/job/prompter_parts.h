/* What the files of the prompter share. For them alone. */
#ifndef JOB_PROMPTER_PARTS_H
#define JOB_PROMPTER_PARTS_H

#include "core/random.h"
#include "job/prompter.h"

/* Keeps the draws for texts, pictures and lengths apart. */
enum prompter_draw {
    DRAW_TEXT = 0x74657874,
    DRAW_IMAGE = 0x696d6167,
    DRAW_INPUT = 0x696e7075,
    DRAW_OUTPUT = 0x6f757470,
    DRAW_PREFIX = 0x70726566
};

/* What a draw is made from names an attempt too; what later ones draw is the same. */
enum { DRAWN_FOR_ATTEMPT = 1 };

const struct settings *prompter_settings(const struct prompter *prompter);

/* What is known of a text's counts; where that is nothing, what another of the row taught is
 * nearest. Under the lock. */
struct counting prompter_counting(const struct prompter *prompter, size_t text);

/* Whether the text alone is counted: what a picture takes nobody asked for in tokens. */
bool prompter_counts_content(const struct prompter *prompter);

bool prompter_is_of_sonnets(const struct prompter *prompter, const struct prompter_text *from);

/* The words, at least one, that come nearest to so many tokens. */
int64_t prompter_words_of(int64_t tokens, double tokens_a_word);

/* The words of a whole prompt of its text 0 that come nearest to so many tokens, by what is known
 * now. */
int64_t prompter_words_now(struct prompter *prompter, int64_t tokens);

/* The number that a request's draws follow from: its own, or its session's. */
size_t prompter_number(const struct composed *composed);

/* Begins the draws of request or session `k`, of its turn, where that is a later one. */
void prompter_start_draw(const struct prompter *prompter, enum prompter_draw purpose, size_t k,
                         int64_t turn, struct random *random);

/* Tokens of a mean and a spread, cut off below what is `least`. */
int64_t prompter_draw_tokens(const struct prompter *prompter, enum prompter_draw purpose,
                             const struct composed *composed, int64_t mean, double spread,
                             int64_t least);

/* Whether requests ask for different numbers of tokens. */
bool prompter_has_tail(const struct prompter *prompter);

/* Adds the end of a body that asks for as many tokens as no other. */
void prompter_compose_tail(const struct prompter *prompter, struct composed *composed);

/* The request is the first of session composed->index. */
void prompter_begin_session(const struct prompter *prompter, struct composed *composed);

/* What all requests of the row ask for, but for their text. */
struct ask prompter_ask(const struct prompter *prompter, int64_t output_tokens);

/* Whether many requests may send the same text from where it stands. */
bool prompter_may_share(const struct prompter *prompter);

/* The kinds of picture that a data set may have. */
extern const char *const prompter_image_types[];

/* Stands between the row's system message and that of a line. */
extern const char prompter_between[];

/* The line of the data set that request or session k takes, going round where these are more than
 * lines; and its number. */
const struct dataset_line *prompter_line(const struct prompter *prompter, size_t k);
size_t prompter_line_number(const struct prompter *prompter, size_t k);

/* Composes request composed->index of what the data set has. */
void prompter_compose_given(struct prompter *prompter, struct composed *composed);

void prompter_clear_given(struct prompter *prompter);

#endif
