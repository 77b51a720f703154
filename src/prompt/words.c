#include "prompt/words.h"

#include <stddef.h>

static const char *const vocabulary[] = {
    "the",    "of",    "and",   "to",     "in",     "is",    "that",  "for",   "it",     "was",
    "on",     "are",   "as",    "with",   "his",    "they",  "at",    "be",    "this",   "have",
    "from",   "or",    "one",   "had",    "by",     "but",   "not",   "what",  "all",    "were",
    "we",     "when",  "your",  "can",    "said",   "there", "use",   "an",    "each",   "which",
    "she",    "do",    "how",   "their",  "if",     "will",  "up",    "other", "about",  "out",
    "many",   "then",  "them",  "these",  "so",     "some",  "her",   "would", "make",   "like",
    "him",    "into",  "time",  "has",    "look",   "two",   "more",  "write", "go",     "see",
    "number", "no",    "way",   "could",  "people", "my",    "than",  "first", "water",  "been",
    "call",   "who",   "its",   "now",    "find",   "long",  "down",  "day",   "did",    "get",
    "come",   "made",  "may",   "part",   "over",   "new",   "sound", "take",  "only",   "little",
    "work",   "know",  "place", "year",   "live",   "me",    "back",  "give",  "most",   "very",
    "after",  "thing", "our",   "just",   "name",   "good",  "man",   "think", "say",    "great",
    "where",  "help",  "much",  "before", "line",   "right", "too",   "mean",  "old",    "any",
    "same",   "tell",  "boy",   "follow", "came",   "want",  "show",  "also",  "around", "form",
    "three",  "small", "set",   "put",    "end",    "does",  "well",  "large", "must",   "big",
    "even",   "such",  "turn",  "here",   "why",    "ask",   "went",  "men",   "read",   "need",
    "land",   "home",  "us",    "move",   "try",    "kind",  "hand",  "again", "change", "off",
    "play",   "air",   "away",  "house",  "point",  "page",
};

enum { KNOWN = sizeof vocabulary / sizeof *vocabulary };

/* The request's number stands in words as in digits, its lowest first, so that no two requests have
 * the same; each digit is moved by a draw from the seed, so that no two runs do. */
int64_t words_add_salt(uint64_t seed, uint64_t visit, uint64_t k, int64_t most, struct text *text)
{
    const uint64_t key[] = {0x73616c74, seed};
    uint64_t number[WORDS_SALT] = {
        k, k / KNOWN, visit, k / KNOWN / KNOWN, visit / KNOWN, k / KNOWN / KNOWN / KNOWN};
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

void words_drop(struct text *text, int64_t count)
{
    while (count > 0 && text->length > 0) {
        text->length--;
        count -= text->bytes[text->length] == ' ';
    }
    if (text->bytes)
        text->bytes[text->length] = '\0';
}
