/* The options of bench and rows that shape traffic: columns that a row has by the same names
 * (docs/traffic.md, docs/sessions.md, docs/mixes.md). */
#ifndef COMMAND_SHAPE_OPTIONS_H
#define COMMAND_SHAPE_OPTIONS_H

#include <stdbool.h>

#include "core/error.h"
#include "job/typed_inputs.h"

/* As they were typed; NULL: not given. A command's own struct of options has one, `shape`. */
struct shape_words {
    const char *burstiness, *qps_end, *qps_ramp, *max_in_flight;
    const char *prefix_tokens, *turns, *turn_input_tokens, *think_time, *mix;
};

/* What some of them need. */
struct shape_setting {
    bool at_a_rate;
    bool may_turn;          /* without turns too: a data set has them */
    const char *how_to_set; /* a rate: "--qps" */
};

/* Puts them into the cells of a row. False with the option's name and a sentence where one may not
 * stand there, or would do nothing. */
bool shape_words_read(const struct shape_words *words, const struct shape_setting *setting,
                      struct typed_row *row, const char **option, struct error *why);

/* The name of the first that is given; NULL: none is. */
const char *shape_words_first(const struct shape_words *words);

#define SHAPE_OPTION(type, name, field, what, help)                                                \
    {                                                                                              \
        name, what, OPTION_TEXT, offsetof(struct type, shape.field), help, 0                       \
    }

#define SHAPE_OPTIONS(type)                                                                        \
    SHAPE_OPTION(type, "burstiness", burstiness, "N",                                              \
                 "at a rate: the shape of gamma-distributed gaps; 1 is random, less is burstier"), \
        SHAPE_OPTION(type, "qps-end", qps_end, "N", "at a rate: what it is at the row's end"),     \
        SHAPE_OPTION(type, "qps-ramp", qps_ramp, "linear|exponential",                             \
                     "how the rate gets there; default linear"),                                   \
        SHAPE_OPTION(type, "max-in-flight", max_in_flight, "N",                                    \
                     "at a rate: requests at once, at most; those due meanwhile wait"),            \
        SHAPE_OPTION(type, "prefix-tokens", prefix_tokens, "N",                                    \
                     "tokens of a message of the system that all of a row's requests share"),      \
        SHAPE_OPTION(type, "turns", turns, "N", "each request begins a session of so many turns"), \
        SHAPE_OPTION(type, "turn-input-tokens", turn_input_tokens, "N",                            \
                     "tokens of the user's text in later turns; default the prompt's"),            \
        SHAPE_OPTION(type, "think-time", think_time, "S",                                          \
                     "mean seconds from a response's end to the session's next turn; default 0"),  \
        SHAPE_OPTION(type, "mix", mix, "NAME", "all rows run together, as a mix of this name")

#endif
