/* What the first answer after another model is said to cost. */
#include "job/chat_memory.h"

#include <math.h>

#include "support.h"

struct given {
    const char *model;
    double ttft_s, tokens;
    bool fails; /* no text came */
    /* What is claimed; against 0: nothing. */
    double extra_s;
    size_t against;
    bool earlier;
};

/* clang-format off */
#define CLAIM(name, ttft, n, extra, others) {.model = name, .ttft_s = ttft, .tokens = n, .extra_s = extra, .against = others}
#define LATER(name, ttft, n, extra, others) \
    {.model = name, .ttft_s = ttft, .tokens = n, .extra_s = extra, .against = others, .earlier = true}
#define RESPONSE(name, ttft, n) CLAIM(name, ttft, n, 0, 0)
#define FAILS(name) {.model = name, .ttft_s = NAN, .tokens = NAN, .fails = true}

static const struct {
    const char *name;
    struct given response[8];
} cases[] = {
    {"known only by the next response", {RESPONSE("a", 0.5, 10), RESPONSE("b", 0.9, 10), LATER("b", 0.3, 20, 0.6, 1),
                                       RESPONSE("b", 0.2, 30)}},
    {"known at once", {RESPONSE("a", 0.5, 10), RESPONSE("a", 0.2, 10), RESPONSE("b", 0.9, 10), CLAIM("a", 0.6, 10, 0.4, 1)}},
    {"against the median of three", {RESPONSE("a", 9, 10), RESPONSE("a", 0.2, 10), RESPONSE("a", 0.3, 10), RESPONSE("a", 4, 10), RESPONSE("b", 1, 1),
                                     CLAIM("a", 0.8, 10, 0.5, 3)}},
    {"may be less", {RESPONSE("a", 9, 10), RESPONSE("a", 0.2, 10), RESPONSE("b", 1, 1), CLAIM("a", 0.1, 10, -0.1, 1)}},
    {"the first of all is compared with nothing", {RESPONSE("a", 0.5, 10), RESPONSE("b", 0.9, 10), RESPONSE("a", 0.5, 10)}},
    {"prompts of another length do not count", {RESPONSE("a", 0.5, 10), RESPONSE("a", 0.2, 4000), RESPONSE("b", 0.9, 10), RESPONSE("a", 0.6, 10),
                                                LATER("a", 0.1, 20, 0.5, 1)}},
    {"half and twice are alike", {RESPONSE("a", 9, 2000), RESPONSE("a", 0.2, 2000), RESPONSE("b", 9, 1), CLAIM("a", 0.6, 4000, 0.4, 1)}},
    {"more than twice is not", {RESPONSE("a", 9, 2000), RESPONSE("a", 0.2, 2000), RESPONSE("b", 9, 1), RESPONSE("a", 0.6, 4001)}},
    {"lengths that nobody knows", {RESPONSE("a", 9, NAN), RESPONSE("a", 0.2, NAN), RESPONSE("b", 9, 1), CLAIM("a", 0.6, NAN, 0.4, 1)}},
    {"a length that nobody knows, and one", {RESPONSE("a", 9, NAN), RESPONSE("a", 0.2, NAN), RESPONSE("b", 9, 1), RESPONSE("a", 0.6, 10)}},
    {"behind a failure nobody knows", {RESPONSE("a", 9, 10), RESPONSE("a", 0.2, 10), FAILS("b"), RESPONSE("a", 0.6, 10), RESPONSE("b", 3, 10),
                                       CLAIM("a", 0.7, 10, 0.5, 1)}},
    {"a TTFT that is not known", {RESPONSE("a", 9, 10), RESPONSE("a", 0.2, 10), RESPONSE("b", NAN, 10), RESPONSE("a", NAN, 10)}},
    {"the last one that waits is told", {RESPONSE("a", 1, 1), RESPONSE("b", 0.9, 1), RESPONSE("a", 0.4, 1), RESPONSE("b", 0.7, 1),
                                         LATER("b", 0.2, 1, 0.5, 1)}},
};
/* clang-format on */

static void test_claims(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct chat_memory *memory = chat_memory_new();

        for (size_t k = 0; k < COUNT_OF(cases[i].response) && cases[i].response[k].model; k++) {
            const struct given *given = &cases[i].response[k];
            struct chat_visit visit = chat_memory_begin(memory, "http://node", given->model);
            struct chat_switch found =
                chat_memory_end(memory, &visit, !given->fails, given->ttft_s, given->tokens);

            if (found.known != (given->against > 0) ||
                (found.known &&
                 (found.against != given->against || found.earlier != given->earlier ||
                  fabs(found.extra_s - given->extra_s) > 1e-9)))
                fail_msg("%s: response %zu: known %d, %g s against %zu", cases[i].name, k + 1,
                         found.known, found.extra_s, found.against);
        }
        chat_memory_free(memory);
    }
}

static struct chat_switch response(struct chat_memory *memory, const char *endpoint,
                                   const char *model, double ttft_s)
{
    struct chat_visit visit = chat_memory_begin(memory, endpoint, model);

    return chat_memory_end(memory, &visit, true, ttft_s, 10);
}

/* Neither of two responses at once tells anything, nor who comes right behind them. */
static void test_answers_at_once(void **state)
{
    struct chat_memory *memory = chat_memory_new();
    struct chat_visit a, b;

    (void)state;
    response(memory, "x", "a", 9);
    response(memory, "x", "a", 0.2);
    a = chat_memory_begin(memory, "x", "a");
    b = chat_memory_begin(memory, "x", "b");
    assert_false(chat_memory_end(memory, &b, true, 0.9, 10).known);
    assert_false(chat_memory_end(memory, &a, true, 5, 10).known);
    assert_false(response(memory, "x", "a", 0.7).known);
    response(memory, "x", "b", 1);
    assert_float_equal(response(memory, "x", "a", 0.7).extra_s, 0.5, 1e-9);
    chat_memory_free(memory);
}

static void test_another_endpoint_is_another_world(void **state)
{
    struct chat_memory *memory = chat_memory_new();
    struct chat_visit old;

    (void)state;
    response(memory, "x", "a", 9);
    response(memory, "x", "a", 0.2);
    old = chat_memory_begin(memory, "x", "b");
    assert_false(response(memory, "y", "a", 0.9).known);
    assert_false(chat_memory_end(memory, &old, true, 1, 10).known);
    response(memory, "y", "b", 1);
    assert_false(response(memory, "y", "a", 0.9).known);
    chat_memory_free(memory);
    chat_memory_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_claims),
        cmocka_unit_test(test_answers_at_once),
        cmocka_unit_test(test_another_endpoint_is_another_world),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
