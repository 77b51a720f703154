#include "prompt/words.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

static const char *const vocabulary[] = {
    "the",    "of",     "and",    "to",     "in",     "is",     "that",   "for",    "it",
    "was",    "on",     "are",    "as",     "with",   "his",    "they",   "at",     "be",
    "this",   "have",   "from",   "or",     "one",    "had",    "by",     "but",    "not",
    "what",   "all",    "we",     "when",   "your",   "can",    "there",  "use",    "an",
    "each",   "which",  "she",    "do",     "how",    "if",     "will",   "up",     "other",
    "about",  "out",    "many",   "then",   "so",     "some",   "her",    "make",   "like",
    "him",    "into",   "time",   "has",    "look",   "two",    "more",   "write",  "go",
    "see",    "number", "no",     "way",    "could",  "people", "my",     "than",   "first",
    "water",  "call",   "who",    "its",    "now",    "find",   "long",   "down",   "day",
    "did",    "get",    "come",   "made",   "may",    "part",   "over",   "new",    "sound",
    "take",   "only",   "work",   "know",   "place",  "year",   "live",   "me",     "back",
    "most",   "very",   "after",  "thing",  "our",    "just",   "name",   "good",   "man",
    "say",    "where",  "help",   "before", "line",   "right",  "mean",   "old",    "any",
    "same",   "boy",    "follow", "show",   "also",   "around", "form",   "three",  "small",
    "set",    "put",    "end",    "does",   "well",   "large",  "must",   "big",    "even",
    "such",   "turn",   "here",   "why",    "ask",    "men",    "read",   "need",   "land",
    "home",   "us",     "move",   "try",    "kind",   "hand",   "change", "off",    "play",
    "air",    "away",   "house",  "point",  "page",   "able",   "act",    "action", "active",
    "add",    "added",  "age",    "ago",    "allow",  "alone",  "amount", "answer", "apply",
    "area",   "arm",    "art",    "bad",    "band",   "bank",   "bar",    "base",   "based",
    "basic",  "bed",    "begin",  "best",   "bit",    "block",  "blue",   "board",  "body",
    "book",   "both",   "bottom", "box",    "break",  "build",  "built",  "card",   "care",
    "case",   "cell",   "center", "check",  "child",  "choice", "circle", "city",   "class",
    "clean",  "clear",  "close",  "closed", "cloud",  "color",  "common", "copy",   "cost",
    "count",  "course", "court",  "cover",  "create", "cross",  "cut",    "cycle",  "dark",
    "data",   "date",   "deep",   "design", "detail", "device", "direct", "done",   "door",
    "double", "draw",   "drive",  "drop",   "edge",   "effect", "else",   "empty",  "energy",
    "engine", "entry",  "equal",  "event",  "ever",   "every",  "face",   "fact",   "fall",
    "family", "far",    "fast",   "father",
};

enum { KNOWN = sizeof vocabulary / sizeof *vocabulary };

/* The highest digits of both numbers share a word: a request's, below 64 of 2^30 requests, and a
 * visit's, below 4 of 2^18. */
static uint64_t highest_of(uint64_t visit, uint64_t k)
{
    return k / KNOWN / KNOWN / KNOWN + 64 * (visit / KNOWN / KNOWN);
}

/* The request's number stands in words as in digits, its lowest first, so that no two requests have
 * the same; each digit is moved by a draw from the seed, so that no two runs do. */
int64_t words_add_salt(uint64_t seed, uint64_t visit, uint64_t k, int64_t most, struct text *text)
{
    const uint64_t key[] = {0x73616c74, seed};
    uint64_t number[WORDS_SALT] = {
        k, k / KNOWN, visit, k / KNOWN / KNOWN, visit / KNOWN, highest_of(visit, k)};
    struct random random;
    int64_t added = 0;

    random_init(&random, key, 2);
    for (; added < WORDS_SALT && added < most; added++) {
        if (added > 0)
            text_add_char(text, ' ');
        text_add_string(text, vocabulary[(number[added] + random_below(&random, KNOWN)) % KNOWN]);
    }
    return added;
}

void words_add(struct random *random, int64_t count, struct text *text)
{
    for (int64_t i = 0; i < count; i++) {
        if (i > 0)
            text_add_char(text, ' ');
        text_add_string(text, vocabulary[random_below(random, KNOWN)]);
    }
}

/* How many bytes at the end of a JSON string's inside tell words apart: a blank, or a line end as
 * text_add_json writes it, unless its backslash belongs to one before it. */
static size_t gap_at_end(const char *bytes, size_t length)
{
    static const char line_end[] = "\\u000a";
    enum { LENGTH = sizeof line_end - 1 };
    size_t backslashes = 0;

    if (bytes[length - 1] == ' ')
        return 1;
    if (length < LENGTH || memcmp(bytes + length - LENGTH, line_end, LENGTH) != 0)
        return 0;
    while (backslashes < length - LENGTH && bytes[length - LENGTH - 1 - backslashes] == '\\')
        backslashes++;
    return backslashes % 2 == 0 ? LENGTH : 0;
}

size_t words_without(const char *bytes, size_t length, int64_t count)
{
    while (count > 0 && length > 0) {
        size_t gap = gap_at_end(bytes, length);

        length -= gap ? gap : 1;
        count -= gap > 0;
    }
    return length;
}

void words_drop(struct text *text, int64_t count)
{
    text->length = words_without(text->bytes, text->length, count);
    if (text->bytes)
        text->bytes[text->length] = '\0';
}

static bool is_gap(char byte)
{
    return byte == ' ' || byte == '\n' || byte == '\t' || byte == '\r';
}

static bool begins_word(const char *text, size_t at)
{
    return !is_gap(text[at]) && (at == 0 || is_gap(text[at - 1]));
}

int64_t words_count(const char *text, size_t length)
{
    int64_t words = 0;

    for (size_t i = 0; i < length; i++)
        words += begins_word(text, i);
    return words;
}

size_t words_prefix(const char *text, size_t length, int64_t words)
{
    size_t end = 0;

    for (size_t i = 0; i < length; i++) {
        words -= begins_word(text, i);
        if (words < 0)
            return end;
        if (!is_gap(text[i]))
            end = i + 1;
    }
    return length;
}
