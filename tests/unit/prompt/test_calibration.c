/* What is known of counts, kept in a file. */
#include "prompt/calibration.h"

#include <stdio.h>

#include "core/file.h"

#include "support.h"

static const char path[] = ".calibration.json";

static struct counting counting_of(int64_t overhead)
{
    struct counting counting = {0};

    counting_learn(&counting, 16, overhead + 16);
    counting_learn(&counting, 512, overhead + 512);
    return counting;
}

static void keep(const char *model, const char *image, int64_t overhead)
{
    struct calibrations known = {0};
    struct counting counting = counting_of(overhead);
    struct error error;

    calibrations_put(&known, "http://one/v1", model, image, &counting);
    assert_true(calibrations_write(&known, path, &error));
    calibrations_clear(&known);
}

static void expect_known(const char *base_url, const char *model, const char *image,
                         double overhead)
{
    struct calibrations known = {0};
    const struct counting *found;
    struct error error;

    assert_true(calibrations_read(path, &known, &error));
    found = calibrations_find(&known, base_url, model, image);
    if (overhead < 0) {
        assert_null(found);
    } else {
        assert_non_null(found);
        assert_true(found->remembered);
        assert_float_equal(counting_overhead(found), overhead, 0);
        assert_float_equal(counting_per_word(found), 1, 0);
    }
    calibrations_clear(&known);
}

static void test_no_file_is_nothing_known(void **state)
{
    (void)state;
    expect_known("http://one/v1", "m", "", -1);
}

static void test_what_is_written_is_read_again_and_others_stay(void **state)
{
    (void)state;
    keep("m", "", 37);
    keep("m", "small", 437);
    keep("a \"model\"\n", "", 5);
    expect_known("http://one/v1", "m", "", 37);
    expect_known("http://one/v1", "m", "small", 437);
    expect_known("http://one/v1", "a \"model\"\n", "", 5);
    expect_known("http://two/v1", "m", "", -1);
    expect_known("http://one/v1", "m", "large", -1);
    keep("m", "", 40);
    expect_known("http://one/v1", "m", "", 40);
    expect_known("http://one/v1", "m", "small", 437);
}

/* What this process has only read may be older than what another has written since. */
static void test_what_was_only_read_is_not_written_over_what_came_since(void **state)
{
    struct calibrations mine = {0};
    struct counting other = counting_of(9);
    struct error error;

    (void)state;
    keep("m", "", 37);
    assert_true(calibrations_read(path, &mine, &error));
    keep("m", "", 40);
    calibrations_put(&mine, "http://one/v1", "other", "", &other);
    assert_true(calibrations_write(&mine, path, &error));
    calibrations_clear(&mine);
    expect_known("http://one/v1", "m", "", 40);
    expect_known("http://one/v1", "other", "", 9);
}

static void test_a_broken_file_is_told(void **state)
{
    static const char *const broken[] = {
        "",
        "{",
        "[]",
        "{\"calibrations\":{}}",
        "{\"calibrations\":[{\"base_url\":\"a\",\"model\":\"m\"}]}",
        "{\"calibrations\":[{\"base_url\":\"a\",\"model\":\"m\",\"kind\":\"\",\"samples\":\"\"}]}",
        ("{\"calibrations\":[{\"base_url\":\"a\",\"model\":\"m\",\"kind\":\"\",\"samples\":1,"
         "\"mean_words\":1e999,\"mean_tokens\":5,\"spread\":0,\"together\":0}]}"),
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(broken); i++) {
        struct calibrations known = {0};
        struct error error;

        assert_true(file_write(path, broken[i], strlen(broken[i]), &error));
        assert_false(calibrations_read(path, &known, &error));
        expect_part(broken[i], error.text, "delete it");
        calibrations_clear(&known);
    }
    keep("m", "", 37); /* a broken one is replaced */
    expect_known("http://one/v1", "m", "", 37);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        in_folder(test_no_file_is_nothing_known),
        in_folder(test_what_is_written_is_read_again_and_others_stay),
        in_folder(test_what_was_only_read_is_not_written_over_what_came_since),
        in_folder(test_a_broken_file_is_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
