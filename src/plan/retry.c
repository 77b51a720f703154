#include "plan/retry.h"

#include <stdlib.h>
#include <string.h>

#include "core/word.h"

static const char *end_at(const void *words, size_t i)
{
    return ((const char *const *)words)[i];
}

static bool take_status(const char *code, struct retry *retry)
{
    char *end;
    long status = strtol(code, &end, 10);

    if (*end || status < 300 || status >= RETRY_STATUS_MOST)
        return false;
    retry->on_status[status] = true;
    return true;
}

/* What completed, and what a person or the row's end cancelled, is not sent again. */
static bool take_word(const char *code, struct retry *retry)
{
    for (int end = REQUEST_HTTP_ERROR + 1; end < REQUEST_CANCELLED; end++) {
        if (end != REQUEST_TIMEOUT && strcmp(code, request_end_words[end]) == 0)
            return retry->on_end[end] = true;
    }
    return false;
}

static void tell(const char *code, const struct yaml *given, struct faults *faults)
{
    const char *near = word_nearest(code, request_end_words + REQUEST_IDLE_TIMEOUT,
                                    REQUEST_CANCELLED - REQUEST_IDLE_TIMEOUT, end_at);
    const char *source = given ? given->source : NULL;
    int line = given ? given->line : 0;

    if (near)
        faults_add(faults, source, line,
                   "retry.on: '%.60s' is not an error code; did you mean '%s'?", code, near);
    else
        faults_add(faults, source, line,
                   "retry.on: '%.60s' is not an error code; write an HTTP status or a word such as "
                   "connection_reset",
                   code);
}

void retry_read(const struct setting_list *codes, const struct yaml *given, struct retry *retry,
                struct faults *faults)
{
    char *const *code = codes->items;

    for (size_t i = 0; i < codes->count; i++) {
        if (!take_status(code[i], retry) && !take_word(code[i], retry))
            tell(code[i], given, faults);
    }
}
