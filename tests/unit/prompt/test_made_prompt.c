/* Prompts that are made to a length: what they begin with, and that they have it. */
#include "prompt/made_prompt.h"

#include "prompt/sonnets.h"
#include "prompt/words.h"

#include "support.h"

static char *made(const struct made_prompt *prompt, int64_t words)
{
    struct text text = {0};
    struct random random;

    random_init(&random, &prompt->number, 1);
    text_add_string(&text, "");
    made_prompt_add(prompt, words, &random, &text);
    return text_take(&text);
}

/* The salt that the prompt has. */
static char *salt_of(const struct made_prompt *prompt)
{
    struct text text = {0};

    words_add_salt(prompt->seed, prompt->visit, prompt->number, WORDS_SALT, &text);
    return text_take(&text);
}

static void test_how_each_kind_begins(void **state)
{
    static const char line[] = "Randomly stream lines from the following text. Don't generate eos "
                               "tokens:";
    static const struct {
        const char *name;
        struct made_prompt prompt;
        int64_t words;
        const char *before, *behind; /* the salt; NULL: there is none */
    } cases[] = {
        {"words", {.salted = true, .seed = 5}, 40, "", " "},
        {"a text", {.template = "say it", .salted = true, .seed = 5}, 40, "", "\nsay it "},
        {"a text that is cut", {.template = "say it", .salted = true}, 7, "", "\nsay"},
        {"sonnets", {.sonnets = true, .salted = true, .seed = 5}, 40, line, "\n"},
        {"sonnets, just long enough", {.sonnets = true, .salted = true}, 17, line, ""},
        {"sonnets, too short", {.sonnets = true, .salted = true}, 16, "", "\nRandomly stream"},
        {"sonnets, the salt alone", {.sonnets = true, .salted = true}, 6, "", ""},
        {"sonnets that are to be cut",
         {.sonnets = true, .salted = true, .kept = 16},
         40,
         "",
         "\nRand"},
        {"words without", {.seed = 5}, 40, "", NULL},
        {"sonnets without", {.sonnets = true, .seed = 5}, 40, line, NULL},
        {"a few sonnets without", {.sonnets = true, .seed = 5}, 2, "Randomly stream", NULL},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct made_prompt prompt = cases[i].prompt;
        char *text, *begins, *salt = salt_of(&cases[i].prompt);
        const char *break_line = *cases[i].before && cases[i].behind ? "\n" : "";

        if (prompt.kept == 0)
            prompt.kept = cases[i].words;
        text = made(&prompt, cases[i].words);
        begins = memory_printf("%s%s%s%s", cases[i].before, break_line, cases[i].behind ? salt : "",
                               cases[i].behind ? cases[i].behind : "");

        expect_number(cases[i].name, (double)words_count(text, strlen(text)),
                      (double)cases[i].words);
        expect_true(cases[i].name, strncmp(text, begins, strlen(begins)) == 0);
        expect_true(cases[i].name, cases[i].behind || !strstr(text, salt));
        free(begins);
        free(salt);
        free(text);
    }
}

static void test_each_length_is_exact(void **state)
{
    static const struct made_prompt kinds[] = {
        {.salted = true},
        {.template = "one two three\nfour", .salted = true},
        {.sonnets = true, .salted = true},
        {.sonnets = true},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(kinds); i++) {
        for (int64_t words = 1; words < 60; words++) {
            struct made_prompt prompt = kinds[i];
            char *text;

            prompt.kept = words;
            text = made(&prompt, words);
            assert_int_equal(words_count(text, strlen(text)), words);
            free(text);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_how_each_kind_begins),
        cmocka_unit_test(test_each_length_is_exact),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
