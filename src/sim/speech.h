/* What an answer says, apart from the dialect that it is said in: words and figures. */
#ifndef SIM_SPEECH_H
#define SIM_SPEECH_H

#include <stdint.h>

#include "core/bundle.h"
#include "core/text.h"
#include "sim/node.h"
#include "sim/question.h"

/* One answer's own things; the words follow from the seed, the request's number and their place. */
struct speech {
    const struct bundle *bundle;
    const struct node_request *request; /* started, but for speech_init */
    const struct question *question;
    uint64_t seed;
    int64_t created_s; /* since 1970 */
    double started_s;  /* since 1970, when the batch started; set before figures are said */
    char id[32];
};

/* Begins an answer to a submitted request; the three pointers must outlive the speech. */
void speech_init(struct speech *speech, const struct bundle *bundle,
                 const struct node_request *request, const struct question *question, uint64_t seed,
                 int64_t wall_ns);

/* In place of a token's number: the place of its word, one byte that JSON has nowhere. */
enum { SPEECH_MARK = -1, SPEECH_MARK_BYTE = 0x1f };

/* Adds token `k`, from 0: a word after a space; it needs no escape in JSON. For SPEECH_MARK the
 * byte SPEECH_MARK_BYTE. */
void speech_add_word(struct text *text, const struct speech *speech, int64_t k);

/* Adds all tokens. */
void speech_add_words(struct text *text, const struct speech *speech);

/* Adds `"name":value,` to an object. */
void speech_add_count(struct text *json, const char *name, int64_t value);
void speech_add_figure(struct text *json, const char *name, double value);

#endif
