/* What a response took, in words: for a terminal and for a page alike. */
#ifndef JOB_CHAT_WORDS_H
#define JOB_CHAT_WORDS_H

#include <stddef.h>
#include <stdint.h>

#include "core/text.h"
#include "core/unit.h"
#include "job/chat.h"

enum { CHAT_FIGURES = 5 };

/* A figure under a response, "latency" with "1.24 s". */
struct chat_figure {
    const char *key;   /* of JSON: "latency_s" … */
    const char *label; /* "latency" … */
    double value;      /* NAN: not known */
    char words[UNIT_TEXT];
};

/* Latency, time to first token, throughput, tokens of the prompt, and of the response. */
void chat_figures(const struct chat_response *response, struct chat_figure figure[CHAT_FIGURES]);

/* Adds "first answer after another model: +0.26 s", and what it is compared with; nothing where
 * nothing is claimed. */
void chat_add_switch(const struct chat_switch *switched, struct text *line);

/* Adds what is odd about how the response ended: "stopped", "ended by the limit of 64 tokens", "cut
 * by a filter", "came in one piece, not as a stream"; else nothing. */
void chat_add_end(const struct chat_response *response, int64_t output_tokens, struct text *line);

/* Adds members of a JSON object: "figures", each with its key, null where it is not known; "words",
 * [[label, words], …] of the same; "switch_s", "switch_words", "finish_reason", "end" and
 * "failure", null where there is none; "stopped". No brace is added. */
void chat_add_json(const struct chat_response *response, int64_t output_tokens, struct text *json);

#endif
