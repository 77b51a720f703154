#include "report/terminal/colour.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

bool colour_able(FILE *out)
{
    const char *terminal = getenv("TERM"), *none = getenv("NO_COLOR");

    return isatty(fileno(out)) && terminal && *terminal && strcmp(terminal, "dumb") != 0 &&
           !(none && *none);
}

const char *colour_begin(bool able, enum colour colour)
{
    static const char *const sequences[] = {
        [COLOUR_NONE] = "",        [COLOUR_GOOD] = "\033[32m",  [COLOUR_NOTE] = "\033[33m",
        [COLOUR_BAD] = "\033[31m", [COLOUR_STRONG] = "\033[1m", [COLOUR_DIM] = "\033[2m"};

    return able ? sequences[colour] : "";
}

const char *colour_end(bool able, enum colour colour)
{
    return able && colour != COLOUR_NONE ? "\033[0m" : "";
}
