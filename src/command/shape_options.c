#include "command/shape_options.h"

#include <stddef.h>

enum need { NEEDS_NOTHING, NEEDS_RATE, NEEDS_TURNS };

static const struct {
    const char *name;
    enum typed_column column;
    size_t offset;
    enum need needs;
} table[] = {
    {"burstiness", TYPED_BURSTINESS, offsetof(struct shape_words, burstiness), NEEDS_RATE},
    {"qps-end", TYPED_QPS_END, offsetof(struct shape_words, qps_end), NEEDS_RATE},
    {"qps-ramp", TYPED_QPS_RAMP, offsetof(struct shape_words, qps_ramp), NEEDS_RATE},
    {"max-in-flight", TYPED_MAX_IN_FLIGHT, offsetof(struct shape_words, max_in_flight), NEEDS_RATE},
    {"prefix-tokens", TYPED_PREFIX_TOKENS, offsetof(struct shape_words, prefix_tokens),
     NEEDS_NOTHING},
    {"turns", TYPED_TURNS, offsetof(struct shape_words, turns), NEEDS_NOTHING},
    {"turn-input-tokens", TYPED_TURN_INPUT_TOKENS, offsetof(struct shape_words, turn_input_tokens),
     NEEDS_TURNS},
    {"think-time", TYPED_THINK_TIME, offsetof(struct shape_words, think_time), NEEDS_TURNS},
    {"mix", TYPED_MIX, offsetof(struct shape_words, mix), NEEDS_NOTHING},
};

enum { WORDS = sizeof table / sizeof *table };

static const char *word_of(const struct shape_words *words, size_t i)
{
    return *(const char *const *)((const char *)words + table[i].offset);
}

static bool has_what_it_needs(const struct shape_words *words, const struct shape_setting *setting,
                              enum need need, struct error *why)
{
    if (need == NEEDS_RATE && !setting->at_a_rate)
        return error_set(why, "is for requests at a rate; set %s", setting->how_to_set);
    if (need == NEEDS_TURNS && !setting->may_turn && !words->turns)
        return error_set(why, "is for sessions; set --turns");
    return true;
}

bool shape_words_read(const struct shape_words *words, const struct shape_setting *setting,
                      struct typed_row *row, const char **option, struct error *why)
{
    for (size_t i = 0; i < WORDS; i++) {
        const char *word = word_of(words, i);

        if (word && (!typed_cell_check(table[i].column, word, why) ||
                     !has_what_it_needs(words, setting, table[i].needs, why))) {
            *option = table[i].name;
            return false;
        }
        row->cell[table[i].column] = word;
    }
    return true;
}

const char *shape_words_first(const struct shape_words *words)
{
    for (size_t i = 0; i < WORDS; i++) {
        if (word_of(words, i))
            return table[i].name;
    }
    return NULL;
}
