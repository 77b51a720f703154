#include "prompt/words.h"

#include <stddef.h>

static const char *const vocabulary[] = {
    "the",    "of",      "and",    "to",      "in",     "is",      "that",  "for",    "it",
    "was",    "on",      "are",    "as",      "with",   "his",     "they",  "at",     "be",
    "this",   "have",    "from",   "or",      "one",    "had",     "by",    "but",    "not",
    "what",   "all",     "were",   "we",      "when",   "your",    "can",   "said",   "there",
    "use",    "an",      "each",   "which",   "she",    "do",      "how",   "their",  "if",
    "will",   "up",      "other",  "about",   "out",    "many",    "then",  "them",   "these",
    "so",     "some",    "her",    "would",   "make",   "like",    "him",   "into",   "time",
    "has",    "look",    "two",    "more",    "write",  "go",      "see",   "number", "no",
    "way",    "could",   "people", "my",      "than",   "first",   "water", "been",   "call",
    "who",    "its",     "now",    "find",    "long",   "down",    "day",   "did",    "get",
    "come",   "made",    "may",    "part",    "over",   "new",     "sound", "take",   "only",
    "little", "work",    "know",   "place",   "year",   "live",    "me",    "back",   "give",
    "most",   "very",    "after",  "thing",   "our",    "just",    "name",  "good",   "man",
    "think",  "say",     "great",  "where",   "help",   "through", "much",  "before", "line",
    "right",  "too",     "mean",   "old",     "any",    "same",    "tell",  "boy",    "follow",
    "came",   "want",    "show",   "also",    "around", "form",    "three", "small",  "set",
    "put",    "end",     "does",   "another", "well",   "large",   "must",  "big",    "even",
    "such",   "because", "turn",   "here",    "why",    "ask",     "went",  "men",    "read",
    "need",   "land",    "home",   "us",      "move",   "try",     "kind",  "hand",   "picture",
    "again",  "change",  "off",    "play",    "air",    "away",    "house", "point",  "page",
};

void words_add(struct random *random, int64_t count, struct text *text)
{
    const size_t known = sizeof vocabulary / sizeof *vocabulary;

    for (int64_t i = 0; i < count; i++) {
        if (i > 0)
            text_add_char(text, ' ');
        text_add_string(text, vocabulary[random_below(random, known)]);
    }
}
