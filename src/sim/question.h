/* What is asked: the body of POST /chat/completions (formats.md, 4a), checked against the bundle.
 *
 * The simulator has no tokenizer: a word between white space is one token, an image IMAGE_TOKENS,
 * and each prompt gets its expert's template_tokens. */
#ifndef SIM_QUESTION_H
#define SIM_QUESTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/bundle.h"
#include "sim/refusal.h"

/* What CLIP ViT-L/14 makes of 336 × 336 pixels: (336 ÷ 14)² patches. */
enum { QUESTION_IMAGE_TOKENS = 576, QUESTION_DEFAULT_TOKENS = 16 };

struct question {
    const struct bundle_expert *expert;
    const struct bundle_tier *tier; /* the smallest that holds prompt and answer */
    int64_t prompt_tokens;
    int64_t max_tokens; /* QUESTION_DEFAULT_TOKENS where the body names none */
    bool stream;
    bool include_usage; /* in a stream */
};

/* Reads a body of `length` bytes. False and a refusal where it cannot be served. */
bool question_read(const struct bundle *bundle, const char *body, size_t length,
                   struct question *question, struct refusal *refusal);

#endif
