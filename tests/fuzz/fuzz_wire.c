/* Anything at all, as an answer: the first byte picks the dialect, unless FUZZ_DIALECT names it,
 * the second where reads end. Each event must say the same skimmed and read whole, and each answer
 * must give the same events whole and in pieces. */
#include "fast_parse.h"

struct seen {
    const struct dialect *dialect;
    bool check; /* the events by themselves too: once for each answer */
    struct text events;
};

static const struct dialect *const dialects[] = {
    &dialect_openai,           &dialect_sambastudio_v2,
    &dialect_sambastudio_v1,   &dialect_openai_completions,
    &dialect_openai_responses, &dialect_anthropic,
    &dialect_ollama,           &dialect_tgi,
};
enum { DIALECTS = sizeof dialects / sizeof *dialects };

static const struct dialect *only; /* NULL: as the first byte says */

static void on_event(void *context, const char *payload, size_t length)
{
    struct seen *seen = context;

    if (seen->check)
        fast_parse_check(seen->dialect, payload, length);
    text_add(&seen->events, payload, length);
    text_add_char(&seen->events, '\0');
}

/* Feeds the answer in reads of that many bytes, each gone right after. */
static void read_response(struct seen *seen, const uint8_t *bytes, size_t length, size_t read)
{
    struct stream stream = {0};

    stream_start(&stream, seen->dialect->framing, on_event, seen);
    for (size_t at = 0; at < length; at += read) {
        size_t some = length - at < read ? length - at : read;
        char *copy = memory_new(1, some);

        memcpy(copy, bytes + at, some);
        stream_feed(&stream, copy, some);
        free(copy);
    }
    stream_finish(&stream);
    stream_clear(&stream);
}

/* A page has text where and only where it has content; its usage stands any order of reports. */
static void read_page(const struct dialect *dialect, const uint8_t *bytes, size_t length)
{
    struct usage usage = usage_unknown;
    struct text text = {0};
    struct event event;

    if (!dialect->read_page)
        return;
    dialect->read_page((const char *)bytes, length, &event, &text);
    if ((text.length > 0) != event.content)
        abort();
    if (event.has_usage)
        usage_add(&usage, &event.usage);
    usage_conclude(&usage, event.content);
    if (event.content && (usage.input_tokens == 0 || usage.total_tokens == 0))
        abort();
    text_clear(&text);
}

int LLVMFuzzerInitialize(int *count, char ***words);
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

int LLVMFuzzerInitialize(int *count, char ***words)
{
    const char *name = getenv("FUZZ_DIALECT");

    (void)count;
    (void)words;
    for (size_t i = 0; name && i < DIALECTS; i++) {
        if (strcmp(dialects[i]->name, name) == 0)
            only = dialects[i];
    }
    if (name && *name && !only) {
        fprintf(stderr, "FUZZ_DIALECT: no dialect is named '%s'\n", name);
        exit(2);
    }
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    struct seen whole = {.check = true}, pieces = {0};

    if (length < 2)
        return 0;
    whole.dialect = pieces.dialect = only ? only : dialects[bytes[0] % DIALECTS];
    fast_parse_check(whole.dialect, (const char *)bytes + 2, length - 2);
    read_page(whole.dialect, bytes + 2, length - 2);
    read_response(&whole, bytes + 2, length - 2, length);
    read_response(&pieces, bytes + 2, length - 2, 1 + bytes[1] % 16);
    if (whole.events.length != pieces.events.length ||
        (whole.events.length > 0 &&
         memcmp(whole.events.bytes, pieces.events.bytes, whole.events.length) != 0))
        abort();
    text_clear(&whole.events);
    text_clear(&pieces.events);
    return 0;
}
