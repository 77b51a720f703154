#include "wire/finish.h"

#include <stddef.h>
#include <strings.h>

static bool is_any(const char *reason, const char *const *words)
{
    for (size_t i = 0; words[i]; i++) {
        if (strcasecmp(reason, words[i]) == 0)
            return true;
    }
    return false;
}

bool finish_is_real(const char *reason)
{
    static const char *const none[] = {"", "null", "none", NULL};

    return !is_any(reason, none);
}

bool finish_is_failure(const char *reason)
{
    static const char *const failures[] = {"abort",    "aborted",   "error",   "cancelled",
                                           "canceled", "preempted", "timeout", NULL};

    return is_any(reason, failures);
}

bool finish_is_early(const char *reason)
{
    static const char *const early[] = {
        "stop",      "tool_calls",    "function_call", "end_turn",    "tool_use",  "eos",
        "eos_token", "stop_sequence", "eos_found",     "end_of_text", "completed", NULL};

    return is_any(reason, early);
}

bool finish_is_filtered(const char *reason)
{
    static const char *const filters[] = {"content_filter", "refusal", NULL};

    return is_any(reason, filters);
}
