/* Reading in slices: all comes, and no one reads for ever. */
#include "core/sliced.h"

#include <openssl/bio.h>

#include "support.h"

/* Something that always has bytes, as a socket has whose sender never ends. */
static int read_without_end(BIO *bio, char *bytes, int length)
{
    (void)bio;
    memset(bytes, 'x', (size_t)length);
    return length;
}

static long control(BIO *bio, int command, long number, void *pointer)
{
    (void)bio;
    (void)number;
    (void)pointer;
    return command == BIO_CTRL_FLUSH;
}

static BIO_METHOD *endless_method(void)
{
    BIO_METHOD *method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "endless");

    BIO_meth_set_read(method, read_without_end);
    BIO_meth_set_ctrl(method, control);
    return method;
}

static BIO *endless(BIO_METHOD *method)
{
    BIO *bio = BIO_new(method);

    BIO_set_init(bio, 1);
    return bio;
}

static void test_a_slice_ends_and_the_next_begins(void **state)
{
    static const struct {
        const char *name;
        int length; /* of each read */
        int reads;  /* in a slice */
    } cases[] = {
        {"by reads", 5, SLICED_READS_MOST},
        {"by bytes", 1 << 16, SLICED_BYTES_MOST >> 16},
        {"by the byte that goes over", (1 << 16) + 1, SLICED_BYTES_MOST >> 16},
    };
    static char bytes[(1 << 16) + 1];
    BIO_METHOD *method = endless_method();

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        BIO *bio = sliced_new(endless(method));

        for (int slice = 0; slice < 3; slice++) {
            int reads = 0;

            while (BIO_read(bio, bytes, cases[i].length) == cases[i].length) {
                assert_false(sliced_was_cut(bio));
                reads++;
            }
            if (reads != cases[i].reads)
                fail_msg("%s: %d reads in slice %d", cases[i].name, reads, slice);
            assert_true(sliced_was_cut(bio) && BIO_should_read(bio));
        }
        BIO_free_all(bio);
    }
    BIO_meth_free(method);
}

/* Below, bytes come by and by: where none wait, that is no cut, and the count begins anew. */
static void test_what_comes_by_and_by_is_never_cut(void **state)
{
    BIO *below = BIO_new(BIO_s_mem()), *bio = sliced_new(below);
    char bytes[8];

    (void)state;
    for (int i = 0; i < 3 * SLICED_READS_MOST; i++) {
        assert_int_equal(BIO_write(below, "abcd", 4), 4);
        assert_int_equal(BIO_read(bio, bytes, sizeof bytes), 4);
        assert_memory_equal(bytes, "abcd", 4);
        assert_int_equal(BIO_read(bio, bytes, sizeof bytes), -1);
        assert_true(BIO_should_read(bio));
        assert_false(sliced_was_cut(bio));
    }
    BIO_free_all(bio);
}

static void test_writes_and_controls_go_below(void **state)
{
    BIO *below = BIO_new(BIO_s_mem()), *bio = sliced_new(below);
    char bytes[4];

    (void)state;
    assert_int_equal(BIO_write(bio, "abc", 3), 3);
    assert_int_equal(BIO_pending(bio), 3);
    assert_int_equal(BIO_read(below, bytes, sizeof bytes), 3);
    BIO_set_mem_eof_return(below, 0);
    assert_int_equal(BIO_read(bio, bytes, sizeof bytes), 0); /* an end is one above, too */
    assert_false(BIO_should_retry(bio));
    assert_true(BIO_eof(bio));
    assert_true(sliced_is(bio));
    assert_false(sliced_is(below));
    assert_false(sliced_is(NULL));
    BIO_free_all(bio);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_slice_ends_and_the_next_begins),
        cmocka_unit_test(test_what_comes_by_and_by_is_never_cut),
        cmocka_unit_test(test_writes_and_controls_go_below),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
