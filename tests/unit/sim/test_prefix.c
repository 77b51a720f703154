/* What is cached of prompts that begin alike. */
#include "sim/prefix.h"

#include "support.h"

/* A prompt of `tokens` tokens, numbered from 0, of which those from `own` on are its own. */
static struct prefix prompt_of(uint64_t expert, int tokens, int own, const char *name)
{
    struct prefix prefix = {0};

    prefix_begin(&prefix, expert);
    for (int i = 0; i < tokens; i++) {
        char token[32];
        int length = snprintf(token, sizeof token, "%d%s", i, i < own ? "" : name);

        prefix_add(&prefix, token, (size_t)length);
    }
    return prefix;
}

static void test_what_begins_alike_is_cached_in_blocks(void **state)
{
    static const struct {
        const char *name;
        uint64_t expert;
        int tokens, own;
        int64_t cached;
    } cases[] = {
        {"another", 0, 100, 0, 0},
        {"15 alike", 0, 100, 15, 0},
        {"16 alike", 0, 100, 16, 16},
        {"40 alike", 0, 100, 40, 32},
        {"the same and more", 0, 120, 100, 96},
        {"the same", 0, 100, 100, 96},
        {"a beginning of it", 0, 50, 50, 48},
        {"the last token is never cached", 0, 48, 48, 32},
        {"one block alone", 0, 16, 16, 0},
        {"another expert", 1, 100, 100, 0},
    };
    struct prefix_cache *cache = prefix_cache_new();
    struct prefix kept = prompt_of(0, 100, 100, "");

    (void)state;
    assert_int_equal(prefix_cache_find(cache, &kept), 0);
    prefix_cache_keep(cache, &kept);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct prefix asked =
            prompt_of(cases[i].expert, cases[i].tokens, cases[i].own, cases[i].name);

        expect_number(cases[i].name, (double)prefix_cache_find(cache, &asked),
                      (double)cases[i].cached);
        prefix_clear(&asked);
    }
    prefix_clear(&kept);
    prefix_cache_free(cache);
}

/* Three times what it holds goes through it: what came first is gone, what came last is there. */
static void test_the_cache_is_bounded(void **state)
{
    enum { BLOCKS = PREFIX_SETS * PREFIX_WAYS, EACH = 64, PROMPTS = 3 * BLOCKS / EACH };
    struct prefix_cache *cache = prefix_cache_new();
    struct prefix first, last = {0};

    (void)state;
    first = prompt_of(0, EACH * PREFIX_BLOCK, 0, "first");
    prefix_cache_keep(cache, &first);
    for (int i = 0; i < PROMPTS; i++) {
        char name[32];

        snprintf(name, sizeof name, "prompt %d", i);
        prefix_clear(&last);
        last = prompt_of(0, EACH * PREFIX_BLOCK, 0, name);
        prefix_cache_keep(cache, &last);
    }
    assert_int_equal(prefix_cache_find(cache, &first), 0);
    assert_int_equal(prefix_cache_find(cache, &last), (EACH - 1) * PREFIX_BLOCK);
    prefix_clear(&first);
    prefix_clear(&last);
    prefix_cache_free(cache);
}

static void test_where_tokens_end_matters(void **state)
{
    struct prefix a = {0}, b = {0};

    (void)state;
    prefix_begin(&a, 0);
    prefix_begin(&b, 0);
    prefix_add(&a, "ab", 2);
    prefix_add(&a, "c", 1);
    prefix_add(&b, "a", 1);
    prefix_add(&b, "bc", 2);
    assert_true(a.number != b.number);
    prefix_clear(&a);
    prefix_clear(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_begins_alike_is_cached_in_blocks),
        cmocka_unit_test(test_the_cache_is_bounded),
        cmocka_unit_test(test_where_tokens_end_matters),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
