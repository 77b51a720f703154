#include "load/hint.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "load/transfer.h"

enum { NAME_MOST = 64 };

/* Where several are named, the first of these: a member before what it stands in. */
static const struct {
    const char *parameter, *remedy;
} hints[] = {
    {"continuous_usage_stats", "ask_usage: true leaves it out"},
    {"include_usage", "ask_usage: false leaves it out"},
    {"stream_options", "ask_usage: false leaves it out"},
    {"max_tokens", "output_tokens_as: max_completion_tokens renames it"},
    {"max_completion_tokens", "output_tokens_as: max_tokens renames it"},
    {"ignore_eos", "ignore_eos: false leaves it out"},
};

enum { HINTS = sizeof hints / sizeof *hints };

static bool is_of_name(char byte)
{
    return isalnum((unsigned char)byte) || byte == '_';
}

/* Whether the text names it, and not only a longer name that it is part of. */
static bool names(const char *text, const char *name)
{
    size_t length = strlen(name);

    for (const char *at = text; length > 0 && (at = strstr(at, name)); at++) {
        if ((at == text || !is_of_name(at[-1])) && !is_of_name(at[length]))
            return true;
    }
    return false;
}

/* The name of the next member in the end of a body, which is JSON of our own and begins inside a
 * string; moves `at` behind it. False where there is none. */
static bool next_member(const char **at, const char *end, char name[NAME_MOST])
{
    const char *colon = memmem(*at, (size_t)(end - *at), "\":", 2), *start = colon;
    size_t length;

    if (!colon)
        return false;
    while (start > *at && start[-1] != '"')
        start--;
    length = (size_t)(colon - start) < NAME_MOST ? (size_t)(colon - start) : 0;
    memcpy(name, start, length);
    name[length] = '\0';
    *at = colon + 1;
    return true;
}

/* Its place among the hints; HINTS where it is of sampling_params, and more where no setting
 * changes it. */
static size_t rank_of(const char *parameter)
{
    static const char *const ours[] = {"model", "stream", "params", "type", "value"};

    for (size_t i = 0; i < HINTS; i++) {
        if (strcmp(hints[i].parameter, parameter) == 0)
            return i;
    }
    for (size_t i = 0; i < sizeof ours / sizeof *ours; i++) {
        if (strcmp(ours[i], parameter) == 0)
            return HINTS + 1;
    }
    return HINTS;
}

__attribute__((format(printf, 3, 4))) static void add(char *sentence, size_t size,
                                                      const char *format, ...)
{
    size_t length = strlen(sentence);
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(sentence + length, size - length, format, arguments);
    va_end(arguments);
}

/* The parameter that stands in the end of the request's body and in what the server reported. */
static bool add_parameter(const struct transfer *transfer, const char *reported, char *sentence,
                          size_t size)
{
    const struct segment *tail = &transfer->segment[TRANSFER_SEGMENTS - 1];
    const char *at = tail->bytes, *end = at + tail->length;
    char name[NAME_MOST], best[NAME_MOST];
    size_t rank = HINTS + 1;

    while (at && next_member(&at, end, name)) {
        if (rank_of(name) < rank && names(reported, name)) {
            rank = rank_of(name);
            memcpy(best, name, sizeof best);
        }
    }
    if (rank <= HINTS)
        add(sentence, size, "; the request asks with '%s': %s", best,
            rank < HINTS ? hints[rank].remedy : "it is of sampling_params");
    return rank <= HINTS;
}

void hint_add(const struct transfer *transfer, const char *reported, char *sentence, size_t size)
{
    int status = transfer->request.http_status;
    const struct text *page = &transfer->reply.page;

    if ((status == 400 || status == 422) && !add_parameter(transfer, reported, sentence, size) &&
        page->length > 0)
        add_parameter(transfer, page->bytes, sentence, size);
    if (status == 404 && transfer->target->shown_url)
        add(sentence, size, "; the request asked for %s%s", transfer->target->shown_url,
            transfer->target->without_v1 ? " (its address has no /v1, which most servers need)"
                                         : "");
}
