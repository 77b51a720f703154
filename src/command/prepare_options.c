#include "command/prepare_options.h"

struct prepare_options prepare_options_of(const struct prepare_words *words)
{
    struct prepare_options options = words->options;

    options.set = words->set.text;
    options.sets = words->set.count;
    return options;
}
