/* What the helper that counts tokens replies. */
#include "prompt/tokenizer_reply.h"

#include "support.h"

static void test_its_first_line(void **state)
{
    static const struct {
        const char *name, *line, *names, *said;
    } cases[] = {
        {"it counts", "ready tokenizers 0.23.3", "tokenizers 0.23.3", NULL},
        {"it cannot", "fault Exception: expected value at line 1 column 1", NULL,
         "Exception: expected value at line 1 column 1"},
        {"nothing behind it", "ready ", NULL, "replied 'ready '"},
        {"another word", "already tokenizers", NULL, "replied 'already tokenizers'"},
        {"nothing", "", NULL, "replied ''"},
        {"a fault without a sentence", "fault ", NULL, "replied 'fault '"},
        {"a sign of a terminal", "fault \x1b[31mred", NULL, " [31mred"},
        {"more than a name",
         "ready xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
         NULL, "replied 'ready xxx"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char library[TOKENIZER_LIBRARY] = "";
        struct error error = {""};
        bool ready = tokenizer_reply_ready(cases[i].line, library, &error);

        expect_true(cases[i].name, ready == (cases[i].names != NULL));
        if (ready)
            expect_text(cases[i].name, library, cases[i].names);
        else
            expect_part(cases[i].name, error.text, cases[i].said);
    }
}

static void test_its_counts(void **state)
{
    static const struct {
        const char *name, *line;
        size_t bytes;
        int64_t tokens; /* −1: it is no count */
        const char *said;
    } cases[] = {
        {"some", "count 12", 40, 12, NULL},
        {"none of nothing", "count 0", 0, 0, NULL},
        {"a token for each byte", "count 40", 40, 40, NULL},
        {"more than a text can have", "count 2625", 40, -1, "replied 'count 2625'"},
        {"as many as it can", "count 2624", 40, 2624, NULL},
        {"below none", "count -1", 40, -1, "replied 'count -1'"},
        {"no whole number", "count 1.5", 40, -1, "replied 'count 1.5'"},
        {"no number", "count many", 40, -1, "replied 'count many'"},
        {"nothing behind it", "count ", 40, -1, "replied 'count '"},
        {"past all numbers", "count 99999999999999999999999999", 40, -1, "replied 'count 99999"},
        {"two", "count 1 2", 40, -1, "replied 'count 1 2'"},
        {"another line", "ready tokenizers 1", 40, -1, "replied 'ready tokenizers 1'"},
        {"it cannot", "fault ValueError: no", 40, -1, "ValueError: no"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct error error = {""};
        int64_t tokens = -1;
        bool done = tokenizer_reply_count(cases[i].line, cases[i].bytes, &tokens, &error);

        expect_true(cases[i].name, done == (cases[i].tokens >= 0) && tokens == cases[i].tokens);
        if (!done)
            expect_part(cases[i].name, error.text, cases[i].said);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_its_first_line),
        cmocka_unit_test(test_its_counts),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
