/* Sessions that pause come out in the order in which they are due. */
#include "load/thinking.h"

#include "core/random.h"
#include "support.h"

static void test_the_first_due_comes_first(void **state)
{
    enum { MANY = 500 };
    static char place[MANY]; /* stands for transfers, which are not looked at */
    const uint64_t key[] = {7};
    struct thinking thinking = {0};
    struct random random;
    int64_t due[MANY], last = INT64_MIN;
    size_t inside = 0, taken = 0;

    (void)state;
    random_init(&random, key, 1);
    for (size_t i = 0; i < MANY; i++)
        due[i] = (int64_t)random_below(&random, MANY / 2); /* some at the same moment */
    for (size_t i = 0; i < MANY; i++) {
        thinking_add(&thinking, due[i], (struct transfer *)&place[i]);
        inside++;
        if (i % 3 == 2) { /* in between too, each time the least of those inside */
            int64_t first = thinking_first(&thinking)->due_ns;

            for (size_t k = 0; k < thinking.count; k++)
                assert_true(thinking.thought[k].due_ns >= first);
            assert_true(due[(char *)thinking_take(&thinking) - place] == first);
            inside--;
            taken++;
        }
    }
    assert_int_equal(thinking.count, inside);
    for (; thinking.count > 0; taken++) {
        int64_t first = thinking_first(&thinking)->due_ns;

        assert_true(first >= last);
        last = first;
        assert_true(due[(char *)thinking_take(&thinking) - place] == first);
    }
    assert_int_equal(taken, MANY);
    thinking_clear(&thinking);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_the_first_due_comes_first)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
