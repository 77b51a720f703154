/* Where counting is known to be free, by what an endpoint lists and a plan asks for. */
#include "job/free_counting.h"

#include "support.h"

#define ONE(members)       "{\"data\":[{\"id\":\"a\"" members "}]}"
#define TWO(first, second) "{\"data\":[{\"id\":\"a\"" first "},{\"id\":\"b\"" second "}]}"
#define IS(status)         ",\"status\":\"" status "\""
#define BY(owner)          ",\"owned_by\":\"" owner "\""

enum plan { PLAIN, ORDERED, PROBED, SAYS_FREE };

static const struct settings plans[] = {
    [PLAIN] = {.order = ORDER_AS_LISTED},
    [ORDERED] = {.order = ORDER_ALL_PAIRS},
    [PROBED] = {.order = ORDER_AS_LISTED, .probe = {.steady = 3}},
    [SAYS_FREE] = {.order = ORDER_ALL_PAIRS, .prompt = {.count_free = true}},
};

static const char *const words[] = {"not", "endpoints", "requests"};

static void test_where_counting_is_free(void **state)
{
    static const struct {
        const char *list; /* "" none */
        enum plan plan;
        enum free_counting free;
    } cases[] = {
        {"", PLAIN, FREE_COUNTING_NOT},
        {"", SAYS_FREE, FREE_COUNTING_ENDPOINTS},
        {TWO("", ""), PLAIN, FREE_COUNTING_NOT},
        {TWO("", ""), SAYS_FREE, FREE_COUNTING_ENDPOINTS},
        {"{\"data\":[{\"id\":\"b\"}]}", PLAIN, FREE_COUNTING_NOT},
        {TWO(BY("coebench-simulator"), BY("coebench-simulator")), PLAIN, FREE_COUNTING_ENDPOINTS},
        {ONE(BY("coebench-simulator")), PLAIN, FREE_COUNTING_ENDPOINTS},
        {ONE(""), PLAIN, FREE_COUNTING_REQUESTS},
        {ONE(BY("vllm")), PLAIN, FREE_COUNTING_REQUESTS},
        {ONE(""), ORDERED, FREE_COUNTING_ENDPOINTS},
        {ONE(""), PROBED, FREE_COUNTING_ENDPOINTS},
        {ONE(BY("library")), PLAIN, FREE_COUNTING_ENDPOINTS},
        {ONE(IS("loaded")), PROBED, FREE_COUNTING_REQUESTS},
        {ONE(IS("unloaded")), PLAIN, FREE_COUNTING_NOT},
        {ONE(IS("sleeping")), PLAIN, FREE_COUNTING_NOT},
        {TWO(IS("loaded"), IS("unloaded")), ORDERED, FREE_COUNTING_ENDPOINTS},
        {TWO(IS("unloaded"), IS("loaded")), PLAIN, FREE_COUNTING_NOT},
        {TWO(IS("loading"), IS("loaded")), PLAIN, FREE_COUNTING_NOT},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct listed_models listed = {0};
        char name[300];

        snprintf(name, sizeof name, "%zu: %s", i, cases[i].list);
        dialect_read_models(cases[i].list, strlen(cases[i].list), &listed);
        expect_text(name, words[free_counting_of(&plans[cases[i].plan], &listed, "a")],
                    words[cases[i].free]);
        listed_models_clear(&listed);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_where_counting_is_free),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
