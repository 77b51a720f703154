/* The prompt file. */
#include "prompt/texts.h"

#include "core/file.h"

#include "support.h"

static const char path[] = "prompts.yaml";

static bool read_text(const char *yaml, bool multiple, struct prompt_texts *texts,
                      struct faults *faults)
{
    struct error error;

    assert_true(file_write(path, yaml, strlen(yaml), &error));
    return texts_read(path, multiple, texts, faults);
}

#define DEFAULT "default_prompt:\n  - name: one\n    template: \"First\\tof all\\n \"\n"
#define OTHERS                                                                                     \
    "multiple_prompts:\n  - {name: two, template: Second}\n  - name: three\n    template: |\n"     \
    "      Third,\n      of two lines\n"

static void test_the_default_and_the_others(void **state)
{
    struct prompt_texts one = {0}, others = {0};
    struct faults faults = {0};

    (void)state;
    assert_true(read_text(DEFAULT OTHERS, false, &one, &faults));
    assert_true(read_text(DEFAULT OTHERS, true, &others, &faults));
    assert_int_equal(one.count, 1);
    expect_text("name", one.text[0].name, "one");
    expect_text("no tab, nothing behind the last word", one.text[0].template, "First of all");
    assert_int_equal(others.count, 2);
    expect_text("name", others.text[1].name, "three");
    expect_text("template", others.text[1].template, "Third,\nof two lines");
    texts_clear(&one);
    texts_clear(&others);
}

static void test_words_are_reported_apart_by_blanks_and_line_ends_alone(void **state)
{
    static const struct {
        const char *name, *template, *text;
    } cases[] = {
        {"a tab", "one\\ttwo", "one two"},
        {"a carriage return", "one\\rtwo", "one two"},
        {"a line end of Windows", "one\\r\\ntwo", "one \ntwo"},
        {"line ends", "one\\n\\ntwo", "one\n\ntwo"},
        {"at the end", "one two \\t\\r\\n", "one two"},
        {"in front", " one", " one"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct prompt_texts texts = {0};
        struct faults faults = {0};
        char *yaml =
            memory_printf("default_prompt:\n  - {name: a, template: \"%s\"}\n", cases[i].template);

        expect_true(cases[i].name, read_text(yaml, false, &texts, &faults));
        expect_text(cases[i].name, texts.text[0].template, cases[i].text);
        texts_clear(&texts);
        free(yaml);
    }
}

static void test_faults_say_where_and_what_to_do(void **state)
{
    static const struct {
        const char *yaml;
        bool multiple;
        const char *says;
    } cases[] = {
        {DEFAULT, true, "multiple_prompts: is missing; write a list of name and template"},
        {OTHERS, false, "default_prompt: is missing"},
        {"default_prompt: text\n", false, ":1: default_prompt: is not a list, or is empty"},
        {"default_prompt: []\n", false, "is not a list, or is empty"},
        {"default_prompt:\n  - text\n", false, ":2: is not a prompt; write '- name: "},
        {"default_prompt:\n  - name: a\n", false, ":2: template: is missing; write a text"},
        {"default_prompt:\n  - {name: a, template: ' '}\n", false,
         ":2: template: is not a text, or is empty"},
        {"default_prompt:\n  - {name: a, template: b, tmplate: c}\n", false,
         ":2: 'tmplate' is unknown; did you mean 'template'?"},
        {"default_promt: []\n" DEFAULT, false, ":1: 'default_promt' is unknown; did you mean"},
        {"default_prompt:\n  - {name: a, template: b}\n  - {name: c, template: d}\n", false,
         "has 2 entries; keep one"},
        {"multiple_prompts:\n  - {name: a, template: b}\n  - {name: a, template: d}\n", true,
         ":3: name: 'a' names another prompt too"},
        {"- a\n", false, "is not a prompt file"},
        {"a: [\n", false, "prompts.yaml"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct prompt_texts texts = {0};
        struct faults faults = {0};
        bool told = false;

        assert_false(read_text(cases[i].yaml, cases[i].multiple, &texts, &faults));
        for (size_t k = 0; k < faults.count; k++)
            told |= strstr(faults.text[k], cases[i].says) != NULL;
        expect_true(cases[i].says, told);
        texts_clear(&texts);
        faults_clear(&faults);
    }
}

static void test_the_shipped_file_is_inside(void **state)
{
    struct prompt_texts one = {0}, others = {0};
    struct faults faults = {0};

    (void)state;
    texts_read_shipped(false, &one, &faults);
    texts_read_shipped(true, &others, &faults);
    assert_int_equal(faults.count, 0);
    assert_int_equal(one.count, 1);
    assert_true(others.count >= 2);
    texts_clear(&one);
    texts_clear(&others);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_shipped_file_is_inside),
        in_folder(test_the_default_and_the_others),
        in_folder(test_words_are_reported_apart_by_blanks_and_line_ends_alone),
        in_folder(test_faults_say_where_and_what_to_do),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
