/* Files that another process gives are read under the names that they have there. */
#include "core/given.h"

#include "core/file.h"
#include "support.h"

static void expect_content(const char *path, const char *content)
{
    struct text text = {0};
    struct error error;

    if (!file_read(path, 1000, &text, &error))
        fail_msg("%s", error.text);
    expect_text(path, text.bytes ? text.bytes : "", content);
    text_clear(&text);
}

static void test_what_is_read_is_noted_once(void **state)
{
    struct text text = {0};
    struct error error;

    (void)state;
    support_write("a", "of a");
    expect_content("a", "of a");
    given_note();
    expect_content("a", "of a");
    assert_true(file_read_regular("a", 1000, &text, &error));
    assert_false(file_exists("b"));
    assert_int_equal(given_noted_count(), 2);
    expect_text("first", given_noted(0), "a");
    expect_text("second", given_noted(1), "b");
    text_clear(&text);
    given_clear();
    assert_int_equal(given_noted_count(), 0);
}

static void test_what_was_given_is_there_and_nothing_else(void **state)
{
    char given[] = "given", changed[] = "later";
    const struct text bytes = {given, 5, 0}, empty = {0}, later = {changed, 5, 0};
    struct text text = {0};
    struct error error;
    char hex[65];

    (void)state;
    support_write("mine", "of this disk");
    given_begin();
    assert_true(given_add("/no/such/folder/a", &bytes, &error));
    assert_true(given_add("empty", &empty, &error));
    expect_content("/no/such/folder/a", "given");
    expect_content("/no/such/folder/a", "given"); /* each reader from its beginning */
    expect_content("empty", "");
    assert_true(file_exists("empty"));
    assert_true(file_digest("/no/such/folder/a", hex, &error));
    assert_false(file_exists("mine"));
    assert_false(file_read("mine", 1000, &text, &error));
    expect_part("named as it was asked for", error.text, "'mine' cannot be opened");
    assert_true(given_add("/no/such/folder/a", &later, &error));
    expect_content("/no/such/folder/a", "later");
    given_clear();
    expect_content("mine", "of this disk");
    assert_false(file_exists("/no/such/folder/a"));
    text_clear(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        in_folder(test_what_is_read_is_noted_once),
        in_folder(test_what_was_given_is_there_and_nothing_else),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
