/* What is packed comes back, and what is cut short or longer is known. */
#include "cluster/pack.h"

#include "support.h"

static const int64_t numbers[] = {0, 1, -1, 255, 256, INT64_MAX, INT64_MIN};
static const double reals[] = {0, -0.5, 1e300, NAN, 1e-300};

static void pack_all(struct text *text)
{
    for (size_t i = 0; i < COUNT_OF(numbers); i++)
        pack_number(text, numbers[i]);
    for (size_t i = 0; i < COUNT_OF(reals); i++)
        pack_real(text, reals[i]);
    pack_bytes(text, "a\0b", 3);
    pack_bytes(text, NULL, 0);
}

static void test_all_comes_back(void **state)
{
    struct text text = {0};
    struct unpacking unpacking;
    size_t length;

    (void)state;
    pack_all(&text);
    unpacking = unpack(&text);
    for (size_t i = 0; i < COUNT_OF(numbers); i++)
        assert_int_equal(unpack_number(&unpacking), numbers[i]);
    for (size_t i = 0; i < COUNT_OF(reals); i++)
        expect_number("real", unpack_real(&unpacking), reals[i]);
    assert_memory_equal(unpack_bytes(&unpacking, &length), "a\0b", 3);
    assert_int_equal(length, 3);
    assert_false(unpack_done(&unpacking));
    unpack_bytes(&unpacking, &length);
    assert_int_equal(length, 0);
    assert_true(unpack_done(&unpacking));
    text_clear(&text);
}

static void test_the_least_byte_comes_first(void **state)
{
    struct text text = {0};

    (void)state;
    pack_number(&text, 0x0102030405060708);
    assert_memory_equal(text.bytes, "\x08\x07\x06\x05\x04\x03\x02\x01", 8);
    text_clear(&text);
}

/* At every length: nothing is read that is not there, and it is known. */
static void test_what_is_cut_short_is_broken(void **state)
{
    struct text whole = {0};

    (void)state;
    pack_all(&whole);
    for (size_t length = 0; length < whole.length; length++) {
        char *cut = memory_bytes(whole.bytes, length); /* a block of its own, for a sanitizer */
        struct unpacking unpacking = {.at = cut, .left = length};
        size_t got;

        for (size_t i = 0; i < COUNT_OF(numbers) + COUNT_OF(reals); i++)
            unpack_number(&unpacking);
        unpack_bytes(&unpacking, &got);
        unpack_bytes(&unpacking, &got);
        assert_true(unpacking.broken);
        assert_false(unpack_done(&unpacking));
        assert_int_equal(unpack_number(&unpacking), 0);
        free(cut);
    }
    text_clear(&whole);
}

static void test_a_length_that_cannot_be_is_broken(void **state)
{
    struct text text = {0};
    struct unpacking unpacking;
    size_t length;

    (void)state;
    pack_number(&text, -1);
    unpacking = unpack(&text);
    expect_text("nothing", unpack_bytes(&unpacking, &length), "");
    assert_int_equal(length, 0);
    assert_true(unpacking.broken);
    text_clear(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_all_comes_back),
        cmocka_unit_test(test_the_least_byte_comes_first),
        cmocka_unit_test(test_what_is_cut_short_is_broken),
        cmocka_unit_test(test_a_length_that_cannot_be_is_broken),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
