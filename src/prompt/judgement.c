#include "prompt/judgement.h"

#include <inttypes.h>
#include <math.h>

/* Counts are whole numbers, so a template of none may come out a little less. */
static const double rounding = 0.5;

void judgement_tell_cut(int64_t counted, int64_t asked, struct error *error)
{
    error_set(error,
              "the server counted %" PRId64
              " of every prompt: it cuts them to its context; %" PRId64 " cannot be measured",
              counted, asked);
}

bool judgement_wants_another(const int64_t *words, const int64_t *tokens)
{
    double added = (double)(tokens[1] - tokens[0]), sent = (double)(words[1] - words[0]);

    return tokens[1] > tokens[0] && added < sent - counting_tolerance(words[1]);
}

/* The line through the first and the last, without the prior of counting.h: its bounds are meant
 * exactly. */
struct line {
    double per_word, template;
};

static struct line line_through(const int64_t *words, const int64_t *tokens, size_t count)
{
    size_t last = count - 1;
    struct line line = {.per_word = 1};

    if (last > 0)
        line.per_word = (double)(tokens[last] - tokens[0]) / (double)(words[last] - words[0]);
    line.template = (double)tokens[0] - line.per_word * (double)words[0];
    return line;
}

/* A token may span words unevenly, so counts between need not lie on the line exactly. */
static bool lies_on(const struct line *line, int64_t words, int64_t tokens)
{
    double expected = line->template + line->per_word * (double)words;

    return fabs((double)tokens - expected) <= fmax(3, 0.02 * expected);
}

static bool are_cut(const int64_t *words, const int64_t *tokens, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        if (tokens[i] != tokens[0])
            return false;
    }
    return count > 1 && tokens[0] < words[count - 1];
}

bool judgement_of(const int64_t *words, const int64_t *tokens, size_t count, int64_t asked,
                  struct counting *counting, struct error *error)
{
    struct line line = line_through(words, tokens, count);

    if (are_cut(words, tokens, count)) {
        judgement_tell_cut(tokens[0], asked, error);
        return false;
    }
    if (!(line.per_word >= JUDGEMENT_PER_WORD_LEAST && line.per_word <= JUDGEMENT_PER_WORD_MOST))
        return error_set(error, "it counted %.3g tokens a word, which is implausible (%g to %g)",
                         line.per_word, JUDGEMENT_PER_WORD_LEAST, JUDGEMENT_PER_WORD_MOST);
    if (!(line.template > -rounding && line.template <= JUDGEMENT_TEMPLATE_MOST))
        return error_set(error,
                         "it counted %.0f tokens for the template, which is implausible (0 to %g)",
                         line.template, JUDGEMENT_TEMPLATE_MOST);
    for (size_t i = 1; i + 1 < count; i++) {
        if (!lies_on(&line, words[i], tokens[i]))
            return error_set(error,
                             "the counts do not follow the words: %" PRId64 " of %" PRId64
                             " words, %" PRId64 " of %" PRId64
                             "; the server may cut prompts to its context",
                             tokens[i], words[i], tokens[count - 1], words[count - 1]);
    }
    *counting = counting_from_pairs(words, tokens, count);
    return true;
}
