#include "core/exit.h"

const struct exit_words exit_table[] = {
    {EXIT_DONE, "done"},
    {EXIT_GATE_FAILED, "a gate failed"},
    {EXIT_BAD_INPUT, "wrong usage or input, or results that cannot be written"},
    {EXIT_INCOMPLETE, "a row has no completed request, hit its timeout or was stopped"},
    {EXIT_INVALID, "a measurement is invalid"},
    {EXIT_INTERRUPTED, "stopped by Ctrl-C"},
    {EXIT_TERMINATED, "stopped by SIGTERM"},
    {0},
};
