/* What is asked, in whatever dialect, checked against the bundle; and what the dialects need to
 * read it from a body.
 *
 * Tokens are counted by the expert's tokenizer (tokenizer.h), text by text; an image is
 * QUESTION_IMAGE_TOKENS, and each prompt begins with its expert's template_tokens where the server
 * applies the template. */
#ifndef SIM_QUESTION_H
#define SIM_QUESTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/node_file.h"
#include "sim/prefix.h"
#include "sim/refusal.h"

struct cJSON;
struct sim_dialect;

/* What CLIP ViT-L/14 makes of 336 × 336 pixels: (336 ÷ 14)² patches. */
enum { QUESTION_IMAGE_TOKENS = 576, QUESTION_DEFAULT_TOKENS = 16 };

struct question {
    const struct sim_dialect *dialect; /* in which it is asked */
    const struct bundle_expert *expert;
    const struct bundle_tier *tier; /* the smallest that holds prompt and response */
    int64_t prompt_tokens;
    struct prefix prefix; /* of the prompt, where the bundle has a prefix_cache; else empty */
    bool has_prefix;
    int64_t max_tokens; /* QUESTION_DEFAULT_TOKENS where the body names none */
    bool stream;
    bool include_usage; /* in a stream, where the dialect leaves a choice */
    char item[64];      /* the item's id, where the dialect has items */
};

/* Reads a body of `length` bytes in the question's dialect, which stands there with what the path
 * asks. False and a refusal where it cannot be served; else clear the question. */
bool question_read(const struct node_file *file, const char *body, size_t length,
                   struct question *question, struct refusal *refusal);

void question_clear(struct question *question);

/* How many tokens a text is to an expert, as a prompt with its template or by itself. */
int64_t question_count(const struct bundle_expert *expert, const char *text, bool template);

/* The member of an object, or NULL: what is null is not there. */
const struct cJSON *question_member(const struct cJSON *object, const char *name);

/* Refuses a part of the body that is not what is wanted. */
bool question_wrong_type(struct refusal *refusal, const char *param, const char *wanted);

/* Reads the member `name`, true or false; `otherwise` where there is none. */
bool question_read_truth(const struct cJSON *object, const char *name, bool otherwise, bool *truth,
                         struct refusal *refusal);

/* Reads how many tokens the response shall have; `given` may be NULL. */
bool question_read_max_tokens(const struct cJSON *given, const char *param,
                              struct question *question, struct refusal *refusal);

/* Sets the expert of that name. */
bool question_choose_expert(const struct node_file *file, const char *name, const char *param,
                            struct question *question, struct refusal *refusal);

/* Sets the tier, once all else is known; `param` is where the prompt stands. */
bool question_choose_tier(const char *param, struct question *question, struct refusal *refusal);

/* Begins the prompt, with the chosen expert's template or without; then adds what it consists of,
 * in order. An image is known by its URL. */
void question_begin_prompt(const struct node_file *file, bool template, struct question *question);
void question_add_text(const char *text, struct question *question);
void question_add_image(const char *url, struct question *question);

#endif
