#include "prompt/counting.h"

#include <math.h>

/* How many pairs weigh as much as all: enough to level out a tokenizer that cuts words unevenly. */
static const double samples_most = 16;

/* The weight of "a word is one token", as a sum of squares of words: lengths ten words apart weigh
 * as much. */
static const double prior_spread = 100;

/* Far above any prompt, and where all of them may be added and still be whole numbers. */
static const double words_most = 1e10, tokens_most = 1e12, estimate_most = 1e15;

double counting_tolerance(int64_t tokens)
{
    return fmax(2, 0.005 * (double)tokens);
}

static bool disagrees(const struct counting *counting, int64_t words, int64_t tokens)
{
    return fabs((double)(tokens - counting_estimate(counting, words))) > counting_tolerance(tokens);
}

/* Means and sums with the weight of the past bounded (Welford, with forgetting). */
static void add_pair(struct counting *counting, double words, double tokens)
{
    double kept = fmin(counting->samples, samples_most - 1);
    double share = kept / (kept + 1);
    double from_words = words - counting->words, from_tokens = tokens - counting->tokens;
    double fade = counting->samples > 0 ? kept / counting->samples : 1;

    counting->spread = fade * counting->spread + share * from_words * from_words;
    counting->together = fade * counting->together + share * from_words * from_tokens;
    counting->words += from_words / (kept + 1);
    counting->tokens += from_tokens / (kept + 1);
    counting->samples = kept + 1;
}

void counting_learn(struct counting *counting, int64_t words, int64_t tokens)
{
    if (tokens < 0 || (double)tokens > tokens_most)
        return;
    if (counting->remembered && disagrees(counting, words, tokens))
        *counting = (struct counting){0};
    counting->remembered = false;
    add_pair(counting, (double)words, (double)tokens);
}

double counting_per_word(const struct counting *counting)
{
    double slope = (counting->together + prior_spread) / (counting->spread + prior_spread);

    return slope > 0.01 ? slope : 0.01; /* a server that counts every prompt alike */
}

double counting_overhead(const struct counting *counting)
{
    return counting->samples > 0 ? counting->tokens - counting_per_word(counting) * counting->words
                                 : 0;
}

bool counting_is_sound(const struct counting *counting)
{
    return counting->samples >= 0 && isfinite(counting->samples) && counting->words >= 0 &&
           counting->words <= words_most && counting->tokens >= 0 &&
           counting->tokens <= tokens_most && counting->spread >= 0 && isfinite(counting->spread) &&
           isfinite(counting->together) && fabs(counting_overhead(counting)) <= estimate_most;
}

int64_t counting_estimate(const struct counting *counting, int64_t words)
{
    double tokens = counting_overhead(counting) + counting_per_word(counting) * (double)words;

    return llround(fmax(-estimate_most, fmin(tokens, estimate_most)));
}

int64_t counting_words(const struct counting *counting, int64_t tokens, bool content)
{
    double room = (double)tokens - (content ? 0 : counting_overhead(counting));
    int64_t words = llround(room / counting_per_word(counting));

    return words > 1 ? words : 1;
}
