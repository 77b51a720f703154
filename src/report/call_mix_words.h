/* What switching costs a mix of calls, in words: by itself, and at a rate. Each is the same in all
 * reports. */
#ifndef REPORT_CALL_MIX_WORDS_H
#define REPORT_CALL_MIX_WORDS_H

#include <stdbool.h>
#include <stdio.h>

#include "core/text.h"
#include "stats/study.h"

/* Whether anything is known of it. */
bool call_mix_words_known(const struct study_call_mix *mix);

/* The same of what calls wait at the stated rate. */
bool call_mix_words_known_at_rate(const struct study_call_mix *mix);

/* The share of the node's time that goes to switching: at the rate, in order, where one is stated,
 * else of an idle node's. */
double call_mix_words_time_share(const struct study_call_mix *mix);

/* A part of the one sentence: "18 % of your call mix goes to switching". It must be known. */
void call_mix_words_add_part(const struct study_call_mix *mix, struct text *text);

/* What a tile says of it. It must be known. */
void call_mix_words_add_tile(const struct study_call_mix *mix, struct text *text);

/* Prints all of it; nothing where nothing is known. */
void call_mix_words(FILE *out, const struct study_call_mix *mix);

#endif
