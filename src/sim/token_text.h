/* What a response says, apart from the dialect that it is written in: words and figures. */
#ifndef SIM_TOKEN_TEXT_H
#define SIM_TOKEN_TEXT_H

#include <stdint.h>

#include "core/text.h"
#include "sim/node.h"
#include "sim/node_file.h"
#include "sim/question.h"

/* One response's own things; the words follow from the seed, the request's number and their place.
 */
struct token_text {
    const struct node_file *file;
    const struct node_request *request; /* started, but for token_text_init */
    const struct question *question;
    uint64_t seed;
    int64_t created_s; /* since 1970 */
    double started_s;  /* since 1970, when the batch started; set before figures are written */
    char id[32];
};

/* Begins a response to a submitted request; the three pointers must outlive the text. */
void token_text_init(struct token_text *token_text, const struct node_file *file,
                     const struct node_request *request, const struct question *question,
                     uint64_t seed, int64_t wall_ns);

/* In place of a token's number: the place of its word, one byte that JSON has nowhere. */
enum { TOKEN_TEXT_MARK = -1, TOKEN_TEXT_MARK_BYTE = 0x1f };

/* Adds token `k`, from 0: a word after a space; it needs no escape in JSON. For TOKEN_TEXT_MARK the
 * byte TOKEN_TEXT_MARK_BYTE. */
void token_text_add_word(struct text *text, const struct token_text *token_text, int64_t k);

/* Adds all tokens. */
void token_text_add_words(struct text *text, const struct token_text *token_text);

/* Adds `"name":value,` to an object. */
void json_add_count(struct text *json, const char *name, int64_t value);
void json_add_figure(struct text *json, const char *name, double value);

#endif
