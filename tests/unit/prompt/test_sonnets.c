/* Prompts of sonnets. */
#include "prompt/sonnets.h"

#include "prompt/words.h"

#include "support.h"

/* As README.md of github.com/ray-project/llmperf shows it. */
static const char instruction[] =
    "Randomly stream lines from the following text. Don't generate eos tokens:";

static char *sonnets(uint64_t seed, int64_t words)
{
    struct text text = {0};
    struct random random;

    random_init(&random, &seed, 1);
    text_add_string(&text, "");
    words -= sonnets_add_instruction(words, &text);
    sonnets_add_lines(&random, words, &text);
    return text_take(&text);
}

static void test_exactly_so_many_words(void **state)
{
    static const int64_t counts[] = {0, 1, 10, 11, 12, 26, 27, 100, 1000, 20000};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(counts); i++) {
        char *text = sonnets(3, counts[i]);

        assert_int_equal(words_count(text, strlen(text)), counts[i]);
        free(text);
    }
}

static void test_the_instruction_first_then_lines_in_a_drawn_order(void **state)
{
    char *one = sonnets(1, 200), *again = sonnets(1, 200), *other = sonnets(2, 200);
    char *line_end = strchr(one, '\n');

    (void)state;
    assert_int_equal(line_end - one, strlen(instruction));
    assert_memory_equal(one, instruction, strlen(instruction));
    assert_int_equal(words_count(instruction, strlen(instruction)), SONNETS_INSTRUCTION);
    assert_string_equal(one, again);
    assert_memory_equal(one, other, (size_t)(line_end - one));
    assert_string_not_equal(one, other);
    free(one);
    free(again);
    free(other);
}

static void test_all_lines_come_before_one_comes_again(void **state)
{
    char *text = sonnets(9, 1000);
    size_t lines = 0;
    char *seen[140], *rest = text;

    (void)state;
    strsep(&rest, "\n");
    while (lines < COUNT_OF(seen) && rest && (seen[lines] = strsep(&rest, "\n"))) {
        for (size_t i = 0; i < lines; i++)
            expect_true(seen[lines], strcmp(seen[i], seen[lines]) != 0);
        lines++;
    }
    assert_true(lines > 100);
    free(text);
}

static void test_each_round_has_an_order_of_its_own(void **state)
{
    char *text = sonnets(9, 4000);
    char *first = strchr(text, '\n'), *second = first;

    (void)state;
    for (int i = 0; i < 140; i++)
        second = strchr(second + 1, '\n');
    expect_true("a new draw", strncmp(first, second, 200) != 0);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_exactly_so_many_words),
        cmocka_unit_test(test_the_instruction_first_then_lines_in_a_drawn_order),
        cmocka_unit_test(test_all_lines_come_before_one_comes_again),
        cmocka_unit_test(test_each_round_has_an_order_of_its_own),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
