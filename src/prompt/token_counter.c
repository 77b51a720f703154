#include "prompt/token_counter.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/clock.h"
#include "core/helper.h"
#include "core/memory.h"
#include "prompt/tokenizer_place.h"
#include "prompt/tokenizer_reply.h"

/* The helper's program stands inside this one. */
extern const char tokenizer_script[];
__asm__(".section .rodata\n"
        ".global tokenizer_script\n"
        ".type tokenizer_script, %object\n"
        "tokenizer_script:\n"
        ".incbin \"src/prompt/tokenizer_script.py\"\n"
        ".byte 0\n"
        ".size tokenizer_script, . - tokenizer_script\n"
        ".previous\n");

/* How long it may read the file, and count one text. */
static const int64_t open_most_ns = 120 * CLOCK_NS_PER_S, count_most_ns = 60 * CLOCK_NS_PER_S;

struct token_counter {
    pthread_mutex_t lock; /* of all below: one text is counted at a time */
    struct helper helper;
    char *path;
    char library[TOKENIZER_LIBRARY];
    struct error failed; /* why it counts no more */
};

static bool start(struct token_counter *tokenizer, const char *python, struct error *error)
{
    const char *const words[] = {python, "-I", "-B", "-c", tokenizer_script, tokenizer->path, NULL};
    static const char *const environment[] = {"LC_ALL=C.UTF-8", NULL};
    char line[HELPER_LINE];
    struct error why;

    if (!helper_start(&tokenizer->helper, words, environment, &why) ||
        !helper_read(&tokenizer->helper, line, clock_monotonic_ns() + open_most_ns, &why))
        return error_set(error, "%.300s: the program that counts tokens (%.300s) %.100s",
                         tokenizer->path, python, why.text);
    return tokenizer_reply_ready(line, tokenizer->library, &why) ||
           error_set(error, "%.300s: cannot be read as a tokenizer: %.500s", tokenizer->path,
                     why.text);
}

struct token_counter *token_counter_open(const char *given, struct error *error)
{
    char *path = tokenizer_find(given, error);
    char *python = path ? tokenizer_python(error) : NULL;
    struct token_counter *tokenizer;

    if (!python) {
        free(path);
        return NULL;
    }
    tokenizer = memory_new(1, sizeof *tokenizer);
    pthread_mutex_init(&tokenizer->lock, NULL);
    tokenizer->path = path;
    if (!start(tokenizer, python, error)) {
        token_counter_close(tokenizer);
        tokenizer = NULL;
    }
    free(python);
    return tokenizer;
}

/* It is not asked again: where it stands in its replies is not known. */
static bool give_up(struct token_counter *tokenizer, const char *why, struct error *error)
{
    helper_stop(&tokenizer->helper);
    error_set(&tokenizer->failed,
              "the program that counts tokens %.400s: from here on tokens are not counted", why);
    *error = tokenizer->failed;
    return false;
}

static bool ask(struct token_counter *tokenizer, const char *text, size_t length,
                char line[HELPER_LINE], struct error *why)
{
    int64_t until_ns = clock_monotonic_ns() + count_most_ns;
    char header[32];
    int digits = snprintf(header, sizeof header, "%zu\n", length);

    return helper_send(&tokenizer->helper, header, (size_t)digits, until_ns, why) &&
           helper_send(&tokenizer->helper, text, length, until_ns, why) &&
           helper_read(&tokenizer->helper, line, until_ns, why);
}

static bool is_running(const struct token_counter *tokenizer)
{
    return tokenizer->helper.pid > 0;
}

/* Under the lock. */
static bool count(struct token_counter *tokenizer, const char *text, size_t length, int64_t *tokens,
                  struct error *error)
{
    char line[HELPER_LINE];
    struct error why;

    if (!is_running(tokenizer)) {
        *error = tokenizer->failed;
        return false;
    }
    if (!ask(tokenizer, text, length, line, &why))
        return give_up(tokenizer, why.text, error);
    if (tokenizer_reply_count(line, length, tokens, &why))
        return true;
    if (strncmp(line, "fault ", 6) == 0)
        return error_set(error, "the tokenizer cannot count a text: %.400s", why.text);
    return give_up(tokenizer, why.text, error);
}

bool token_counter_count(struct token_counter *tokenizer, const char *text, size_t length,
                         int64_t *tokens, struct error *error)
{
    bool done;

    if (!tokenizer)
        return error_set(error, "there is no tokenizer");
    pthread_mutex_lock(&tokenizer->lock);
    done = count(tokenizer, text, length, tokens, error);
    pthread_mutex_unlock(&tokenizer->lock);
    return done;
}

bool token_counter_works(struct token_counter *tokenizer)
{
    bool works;

    if (!tokenizer)
        return false;
    pthread_mutex_lock(&tokenizer->lock);
    works = is_running(tokenizer);
    pthread_mutex_unlock(&tokenizer->lock);
    return works;
}

const char *token_counter_path(const struct token_counter *tokenizer)
{
    return tokenizer->path;
}

const char *token_counter_library(const struct token_counter *tokenizer)
{
    return tokenizer->library;
}

void token_counter_close(struct token_counter *tokenizer)
{
    if (!tokenizer)
        return;
    helper_stop(&tokenizer->helper);
    pthread_mutex_destroy(&tokenizer->lock);
    free(tokenizer->path);
    free(tokenizer);
}
