/* Names of models in little room. */
#include "report/short_name.h"

#include "support.h"

static void test_a_name_loses_first_what_tells_least(void **state)
{
    static const struct {
        const char *name;
        int width;
        const char *short_form;
    } cases[] = {
        {"Meta-Llama-3.3-70B-Instruct", 27, "Meta-Llama-3.3-70B-Instruct"},
        {"Meta-Llama-3.3-70B-Instruct", 26, "Meta-Llama-3.3-70B"},
        {"Meta-Llama-3.3-70B-Instruct", 17, "Llama-3.3-70B"},
        {"Meta-Llama-3.1-8B-Instruct", 12, "Llama-3.1-8B"},
        {"Meta-Llama-3.1-8B-Instruct", 11, "Llama-3.1"},
        {"Llama-4-Maverick-17B-128E-Instruct", 30, "Llama-4-Maverick-17B-128E"},
        {"Llama-4-Maverick-17B-128E-Instruct", 20, "Llama-4-17B-128E"},
        {"Llama-4-Maverick-17B-128E-Instruct", 12, "Llama-4-17B"},
        {"gpt-oss-120b", 8, "oss-120b"},
        {"DeepSeek-V3.1", 8, "Dee…V3.1"},
        {"COE/Meta-Llama-3-8B-Instruct", 16, "Meta-Llama-3-8B"},
        {"m", 8, "m"},
        {"", 8, ""},
        {"a\033[31m-b", 8, "a?[31m-b"},
        {"-----", 5, "-----"},
        {"1-2-3-4-5-6-7-8-9-10-11-12-13-14-15-16-17-18", 3, "1-2"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char text[64];

        short_name(cases[i].name, cases[i].width, text, sizeof text);
        expect_text(cases[i].name, text, cases[i].short_form);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_name_loses_first_what_tells_least),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
