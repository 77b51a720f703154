/* Bytes held back go out piece by piece, none twice and none lost. */
#include "sim/pending.h"

#include "support.h"

static void test_pieces(void **state)
{
    struct pending pending = {0};
    struct text wire = {0};

    (void)state;
    text_add_string(&wire, "seven b");
    pending_start(&pending, &wire, 3, 10, 100);
    expect_true("the wire is empty", wire.length == 0 && wire.bytes == NULL);
    assert_true(pending.holds);
    assert_int_equal(pending.next_ns, 100);
    pending_send(&pending, &wire);
    expect_text("first", wire.bytes, "sev");
    assert_int_equal(pending.next_ns, 110);
    pending_send(&pending, &wire);
    expect_text("second", wire.bytes, "seven ");
    assert_true(pending.holds);
    pending_send(&pending, &wire);
    expect_text("last", wire.bytes, "seven b");
    assert_false(pending.holds);
    text_clear(&wire);
}

static void test_silence(void **state)
{
    struct pending pending = {0};
    struct text wire = {0};

    (void)state;
    pending_start(&pending, &wire, 0, 10, 100);
    assert_true(pending.holds);
    assert_int_equal(pending.next_ns, 110);
    pending_send(&pending, &wire);
    assert_false(pending.holds);
    assert_int_equal(wire.length, 0);
}

static void test_given_up(void **state)
{
    struct pending pending = {0};
    struct text wire = {0};

    (void)state;
    text_add_string(&wire, "seven b");
    pending_start(&pending, &wire, 3, 10, 100);
    pending_send(&pending, &wire);
    pending_clear(&pending);
    assert_false(pending.holds);
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
