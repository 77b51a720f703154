#include "prompt/counting.h"

#include <math.h>

/* How many pairs weigh as much as all: enough to level out a tokenizer that cuts words unevenly. */
static const double samples_most = 16;

/* The weight of "a word is one token", as a sum of squares of words: lengths ten words apart weigh
 * as much. */
static const double prior_spread = 100;

/* Fewer tokens a word than any tokenizer takes of common words. */
static const double per_word_least = 0.25;

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

/* By least squares, with the prior. */
static double slope(const struct counting *counting)
{
    return (counting->together + prior_spread) / (counting->spread + prior_spread);
}

/* What the template would take by that; below 0 where there is none. */
static double intercept(const struct counting *counting)
{
    return counting->tokens - slope(counting) * counting->words;
}

bool counting_is_believed(const struct counting *counting)
{
    return counting->samples == 0 ||
           (slope(counting) >= per_word_least &&
            intercept(counting) >= -counting_tolerance(llround(counting->tokens)));
}

/* `counting` with the pair, where that can be, by what a word is known to take. */
static bool try_pair(struct counting *counting, int64_t words, int64_t tokens)
{
    struct counting with = *counting;

    if ((double)tokens < slope(counting) * (double)words - counting_tolerance(tokens))
        return false;
    with.remembered = false;
    add_pair(&with, (double)words, (double)tokens);
    if (!counting_is_believed(&with))
        return false;
    *counting = with;
    return true;
}

static bool try_anew(struct counting *counting, int64_t words, int64_t tokens)
{
    struct counting anew = {0};
    bool done = try_pair(&anew, words, tokens);

    if (done)
        *counting = anew;
    return done;
}

bool counting_learn(struct counting *counting, int64_t words, int64_t tokens)
{
    if (tokens < 0 || (double)tokens > tokens_most)
        return false;
    if (counting->remembered && disagrees(counting, words, tokens) &&
        try_anew(counting, words, tokens))
        return true;
    return try_pair(counting, words, tokens) || try_anew(counting, words, tokens);
}

struct counting counting_from_pairs(const int64_t *words, const int64_t *tokens, size_t count)
{
    struct counting counting = {0};

    for (size_t i = 0; i < count; i++)
        add_pair(&counting, (double)words[i], (double)tokens[i]);
    return counting;
}

double counting_per_word(const struct counting *counting)
{
    double fitted = slope(counting);

    if (counting->words > 0 && intercept(counting) < 0)
        fitted = counting->tokens / counting->words;
    return fitted > 0.01 ? fitted : 0.01; /* whatever was kept once */
}

bool counting_per_word_is_assumed(const struct counting *counting)
{
    return counting->spread == 0;
}

double counting_overhead(const struct counting *counting)
{
    double tokens = counting->samples > 0
                        ? counting->tokens - counting_per_word(counting) * counting->words
                        : 0;

    return tokens > 0 ? tokens : 0;
}

bool counting_is_sound(const struct counting *counting)
{
    return counting->samples >= 0 && isfinite(counting->samples) && counting->words >= 0 &&
           counting->words <= words_most && counting->tokens >= 0 &&
           counting->tokens <= tokens_most && counting->spread >= 0 && isfinite(counting->spread) &&
           isfinite(counting->together) && fabs(intercept(counting)) <= estimate_most;
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
