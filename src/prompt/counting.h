/* How a server counts the tokens of a prompt, learned from what it counted.
 *
 * tokens = overhead + per_word × words: the chat template takes the overhead (and the picture,
 * where one goes along), and a word of the vocabulary is one token in the usual tokenizers. Both
 * come from least squares over the pairs (words sent, tokens counted), the latest with most weight;
 * until counts of unlike lengths say otherwise, a word is one token. Where the tokenizer takes each
 * word as one token, one answer is enough to be exact. */
#ifndef PROMPT_COUNTING_H
#define PROMPT_COUNTING_H

#include <stdbool.h>
#include <stdint.h>

/* Zeroed: nothing is known, and a prompt of N words is taken for N tokens. */
struct counting {
    double samples;          /* how many pairs it stands on; later ones push out earlier ones */
    double words, tokens;    /* their means */
    double spread, together; /* sums of (words − mean)² and of (words − mean)(tokens − mean) */
    bool remembered;         /* from before: the first answer that disagrees replaces it */
};

/* Takes in that a prompt of so many words was counted as so many tokens; not a count below 0 or
 * past 10^12, which no prompt has whatever a server says. */
void counting_learn(struct counting *counting, int64_t words, int64_t tokens);

/* Whether it can have been learned, and nothing that is computed from it is past all bounds. */
bool counting_is_sound(const struct counting *counting);

/* What the template takes, and what a word takes, in tokens. */
double counting_overhead(const struct counting *counting);
double counting_per_word(const struct counting *counting);

/* What the server is expected to count for so many words. */
int64_t counting_estimate(const struct counting *counting, int64_t words);

/* How many words, at least 1, come nearest to `tokens`: counted with the template, or with
 * `content` without it. */
int64_t counting_words(const struct counting *counting, int64_t tokens, bool content);

/* How far a count of `tokens` may be off before it says that something is not as it was: the larger
 * of 2 tokens and 0.5 %. */
double counting_tolerance(int64_t tokens);

#endif
