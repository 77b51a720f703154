/* A response's text, handed on while it comes: no secret, no half letter, nothing lost. */
#include "job/chat_stream.h"

#include <string.h>

#include "support.h"

#define KEY "sk-Ab3dEf9hIjkLm"

static struct text got;
static size_t pieces;

static void take(void *context, const char *bytes, size_t length)
{
    (void)context;
    assert_true(length > 0);
    pieces++;
    assert_false(((unsigned char)bytes[0] & 0xc0) == 0x80);
    text_add(&got, bytes, length);
    if (strstr(got.bytes, "sk-A"))
        fail_msg("a part of the key was handed on: %s", got.bytes);
}

/* clang-format off */
static const struct {
    const char *name, *text, *shown;
} cases[] = {
    {"a plain text", "Hello, world.", "Hello, world."},
    {"letters of several bytes", "Grüße, 世界 \xf0\x9f\x98\x80!", "Grüße, 世界 \xf0\x9f\x98\x80!"},
    {"ends in such a letter", "x\xf0\x9f\x98\x80", "x\xf0\x9f\x98\x80"},
    {"the key", "It is " KEY ", yes", "It is ****************, yes"},
    {"the key, at the end", "It is " KEY, "It is ****************"},
    {"the key, at the beginning", KEY " it is", "**************** it is"},
    {"like the key, and is not", "sk-Bear sk-", "sk-Bear sk-"},
    {"stars of its own", "**bold** and ****", "**bold** and ****"},
    {"nothing", "", ""},
};
/* clang-format on */

static void feed(const char *whole, size_t step)
{
    struct secrets *secrets = secrets_new();
    struct chat_stream stream = {.secrets = secrets, .on_text = take};
    struct text text = {0};

    text_reset(&got);
    secrets_add(secrets, KEY);
    text_add(&text, "", 0);
    for (size_t at = 0; at < strlen(whole); at += step) {
        size_t left = strlen(whole) - at;

        text_add(&text, whole + at, left < step ? left : step);
        chat_stream_take(&stream, &text);
    }
    chat_stream_end(&stream, &text);
    chat_stream_end(&stream, &text);
    chat_stream_clear(&stream);
    text_clear(&text);
    secrets_free(secrets);
}

static void test_texts(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        for (size_t step = 1; step <= 7; step++) {
            feed(cases[i].text, step);
            expect_text(cases[i].name, got.length ? got.bytes : "", cases[i].shown);
        }
    }
}

/* Longer than what is looked at again each time, the key at every place. */
static void test_a_long_text(void **state)
{
    struct text long_one = {0};

    (void)state;
    for (int i = 0; i < 3000; i++)
        text_printf(&long_one, "word %d %s", i, i % 97 == 0 ? KEY " " : "");
    pieces = 0;
    feed(long_one.bytes, 11);
    assert_true(pieces > 1000);
    assert_int_equal(got.length, long_one.length);
    for (size_t i = 0; i < got.length; i++)
        assert_true(got.bytes[i] == long_one.bytes[i] || got.bytes[i] == '*');
    text_clear(&long_one);
    text_clear(&got);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_texts),
                                       cmocka_unit_test(test_a_long_text)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
