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

static void keep_of(const char *endpoint_says, const char *model, const char *image,
                    int64_t overhead)
{
    struct calibrations known = {0};
    struct counting counting = counting_of(overhead);
    struct error error;

    calibrations_put(&known, "http://one/v1", endpoint_says, model, image, &counting);
    assert_true(calibrations_write(&known, path, &error));
    calibrations_clear(&known);
}

static void keep(const char *model, const char *image, int64_t overhead)
{
    keep_of("", model, image, overhead);
}

static void expect_known_of(const char *base_url, const char *endpoint_says, const char *model,
                            const char *image, double overhead)
{
    struct calibrations known = {0};
    const struct counting *found;
    struct error error;

    assert_true(calibrations_read(path, &known, &error));
    found = calibrations_find(&known, base_url, endpoint_says, model, image);
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

static void expect_known(const char *base_url, const char *model, const char *image,
                         double overhead)
{
    expect_known_of(base_url, "", model, image, overhead);
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

/* Another bundle at the same address says something else of itself. */
static void test_what_the_endpoint_says_of_itself_keeps_bundles_apart(void **state)
{
    static const char says[] = "2 models, 0123456789abcdef", other[] = "2 models, fedcba9876543210";

    (void)state;
    keep_of(says, "m", "", 37);
    keep_of(other, "m", "", 90);
    keep_of(other, "n", "", 5);
    expect_known_of("http://one/v1", says, "m", "", 37);
    expect_known_of("http://one/v1", other, "m", "", 90);
    expect_known_of("http://one/v1", says, "n", "", -1);
    expect_known_of("http://one/v1", "", "n", "", -1);
    expect_known_of("http://one/v1", NULL, "n", "", 5);
    expect_known_of("http://two/v1", NULL, "n", "", -1);
}

/* Where nobody knows what the endpoint says, what was learned last is likeliest. */
static void test_the_latest_is_taken_where_the_endpoint_is_not_known(void **state)
{
    static const char old[] =
        "{\"calibrations\":["
        "{\"base_url\":\"http://one/v1\",\"model\":\"m\",\"kind\":\"\",\"samples\":1,"
        "\"endpoint_says\":\"b\",\"learned_at\":\"2026-03-02T00:00:00Z\","
        "\"mean_words\":700,\"mean_tokens\":740,\"spread\":0,\"together\":0},"
        "{\"base_url\":\"http://one/v1\",\"model\":\"m\",\"kind\":\"\",\"samples\":1,"
        "\"learned_at\":\"2026-03-01T00:00:00Z\","
        "\"mean_words\":700,\"mean_tokens\":730,\"spread\":0,\"together\":0}]}";
    struct error error;

    (void)state;
    assert_true(file_write(path, old, sizeof old - 1, &error));
    expect_known_of("http://one/v1", NULL, "m", "", 40);
    expect_known_of("http://one/v1", "b", "m", "", 40);
    expect_known_of("http://one/v1", "", "m", "", 30); /* of an earlier version */
    expect_known_of("http://one/v1", "c", "m", "", -1);
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
    calibrations_put(&mine, "http://one/v1", "", "other", "", &other);
    assert_true(calibrations_write(&mine, path, &error));
    calibrations_clear(&mine);
    expect_known("http://one/v1", "m", "", 40);
    expect_known("http://one/v1", "other", "", 9);
}

static void test_a_broken_file_is_reported(void **state)
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

/* Version 0.1.0 kept a template of -188 of a server that cut 700 words to 512 tokens. */
static void test_an_entry_that_cannot_be_is_left_out_and_the_others_stay(void **state)
{
    static const char old[] =
        "{\"calibrations\":["
        "{\"base_url\":\"http://one/v1\",\"model\":\"cut\",\"kind\":\"\",\"samples\":2,"
        "\"mean_words\":700,\"mean_tokens\":512,\"spread\":0,\"together\":0},"
        "{\"base_url\":\"http://one/v1\",\"model\":\"m\",\"kind\":\"\",\"samples\":1,"
        "\"mean_words\":700,\"mean_tokens\":737,\"spread\":0,\"together\":0}]}";
    struct text json = {0};
    struct error error;

    (void)state;
    assert_true(file_write(path, old, sizeof old - 1, &error));
    expect_known("http://one/v1", "cut", "", -1);
    expect_known("http://one/v1", "m", "", 37);
    keep("other", "", 5);
    assert_true(file_read(path, 1 << 20, &json, &error));
    assert_null(strstr(json.bytes, "cut"));
    text_clear(&json);
    expect_known("http://one/v1", "m", "", 37);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        in_folder(test_no_file_is_nothing_known),
        in_folder(test_what_is_written_is_read_again_and_others_stay),
        in_folder(test_what_the_endpoint_says_of_itself_keeps_bundles_apart),
        in_folder(test_the_latest_is_taken_where_the_endpoint_is_not_known),
        in_folder(test_what_was_only_read_is_not_written_over_what_came_since),
        in_folder(test_a_broken_file_is_reported),
        in_folder(test_an_entry_that_cannot_be_is_left_out_and_the_others_stay),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
