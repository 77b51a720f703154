/* How a server counts the tokens of a prompt, learned from what it counted.
 *
 * tokens = overhead + per_word × words: the chat template takes the overhead (and the picture,
 * where one goes along), and a word of the vocabulary is one token in the usual tokenizers. Both
 * come from least squares over the pairs (words sent, tokens counted), the latest with most weight;
 * until counts of unlike lengths say otherwise, a word is one token. Where the tokenizer takes each
 * word as one token, one response is enough to be exact.
 *
 * No template takes less than nothing: where the line would say so by less than its tolerance, it
 * goes through the origin instead, and where by more, the count is none of that prompt (a server
 * that cuts prompts to its context counts what it kept) and teaches nothing. */
#ifndef PROMPT_COUNTING_H
#define PROMPT_COUNTING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Zeroed: nothing is known, and a prompt of N words is taken for N tokens. */
struct counting {
    double samples;          /* how many pairs it stands on; later ones push out earlier ones */
    double words, tokens;    /* their means */
    double spread, together; /* sums of (words − mean)² and of (words − mean)(tokens − mean) */
    bool remembered;         /* from before: the first response that disagrees replaces it */
};

/* Takes in that a prompt of so many words was counted as so many tokens. False where that teaches
 * nothing, and `counting` stays as it was: a count below 0 or past 10^12, one far below the words,
 * or one that takes less than 0.25 tokens a word or a template below none. What contradicts all
 * that was learned before, and can be by itself, takes its place. */
bool counting_learn(struct counting *counting, int64_t words, int64_t tokens);

/* What pairs of unlike lengths tell together, whatever they say: judge it by counting_is_believed,
 * or the pairs by judgement_of (prompt/judgement.h). */
struct counting counting_from_pairs(const int64_t *words, const int64_t *tokens, size_t count);

/* Whether it can have been learned, and nothing that is computed from it is past all bounds. */
bool counting_is_sound(const struct counting *counting);

/* Whether a template of at least nothing and words of 0.25 tokens or more lead to what was learned;
 * of nothing learned, true. Earlier versions kept other countings too. */
bool counting_is_believed(const struct counting *counting);

/* What the template takes, and what a word takes, in tokens. */
double counting_overhead(const struct counting *counting);
double counting_per_word(const struct counting *counting);

/* Whether prompts of one length alone were counted, so that a word is taken for one token. */
bool counting_per_word_is_assumed(const struct counting *counting);

/* What the server is expected to count for so many words. */
int64_t counting_estimate(const struct counting *counting, int64_t words);

/* How many words, at least 1, come nearest to `tokens`: counted with the template, or with
 * `content` without it. */
int64_t counting_words(const struct counting *counting, int64_t tokens, bool content);

/* How far a count of `tokens` may be off before it says that something is not as it was: the larger
 * of 2 tokens and 0.5 %. */
double counting_tolerance(int64_t tokens);

#endif
