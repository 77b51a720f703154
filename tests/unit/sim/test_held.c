/* Bytes held back go out piece by piece, none twice and none lost. */
#include "sim/held.h"

#include "support.h"

static void test_pieces(void **state)
{
    struct held held = {0};
    struct text wire = {0};

    (void)state;
    text_add_string(&wire, "seven b");
    held_start(&held, &wire, 3, 10, 100);
    expect_true("the wire is empty", wire.length == 0 && wire.bytes == NULL);
    assert_true(held.holds);
    assert_int_equal(held.next_ns, 100);
    held_send(&held, &wire);
    expect_text("first", wire.bytes, "sev");
    assert_int_equal(held.next_ns, 110);
    held_send(&held, &wire);
    expect_text("second", wire.bytes, "seven ");
    assert_true(held.holds);
    held_send(&held, &wire);
    expect_text("last", wire.bytes, "seven b");
    assert_false(held.holds);
    text_clear(&wire);
}

static void test_silence(void **state)
{
    struct held held = {0};
    struct text wire = {0};

    (void)state;
    held_start(&held, &wire, 0, 10, 100);
    assert_true(held.holds);
    assert_int_equal(held.next_ns, 110);
    held_send(&held, &wire);
    assert_false(held.holds);
    assert_int_equal(wire.length, 0);
}

static void test_given_up(void **state)
{
    struct held held = {0};
    struct text wire = {0};

    (void)state;
    text_add_string(&wire, "seven b");
    held_start(&held, &wire, 3, 10, 100);
    held_send(&held, &wire);
    held_clear(&held);
    assert_false(held.holds);
    text_clear(&wire);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pieces),
        cmocka_unit_test(test_silence),
        cmocka_unit_test(test_given_up),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
