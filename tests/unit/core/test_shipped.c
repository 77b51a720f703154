/* Files that the program ships with, by their names. */
#include "core/shipped.h"

#include "core/bundle.h"
#include "support.h"

static void test_each_is_a_text_of_its_own(void **state)
{
    (void)state;
    for (const struct shipped *one = shipped_table; one->path; one++) {
        size_t length = strlen(one->text);

        expect_true(one->path, length > 100 && one->text[length - 1] == '\n');
        expect_true(one->path, !one->name || shipped_find(one->name) == one);
        for (const struct shipped *other = shipped_table; other != one; other++) {
            expect_true(one->path, strcmp(one->path, other->path) != 0);
            expect_true(one->path, strcmp(one->text, other->text) != 0);
        }
    }
}

static void test_names(void **state)
{
    static const struct {
        const char *kind, *path, *complaint; /* NULL: it is read */
    } cases[] = {
        {"bundle", "bundle:demo", NULL},
        {"bundle", "bundle:faults", NULL},
        {"bundle", "bundle:switching", NULL},
        {"policy", "policy:standard", NULL},
        {"bundle", "bundle:", "has bundle:demo, bundle:faults, bundle:switching"},
        {"bundle", "bundle:demos", "bundle:demos: the program has no bundle of this name"},
        {"policy", "policy:demo", "has policy:standard"},
        {"policy", "bundle:faults", "cannot be opened"},
        {"bundle", "./bundle:demo", NULL}, /* a file */
        {"bundle", "bundle", "cannot be opened"},
    };

    (void)state;
    support_write("bundle:demo", "experts: []\n");
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct error error = {""};
        struct yaml *root = shipped_yaml(cases[i].kind, cases[i].path, &error);

        expect_true(cases[i].path, !root == (cases[i].complaint != NULL));
        if (!root)
            expect_part(cases[i].path, error.text, cases[i].complaint);
        yaml_delete(root);
    }
}

static void test_a_name_is_no_file(void **state)
{
    struct bundle bundle = {0};
    struct faults faults = {0};

    (void)state;
    support_write("bundle:demo", "experts: []\n");
    assert_true(bundle_read("bundle:demo", &bundle, &faults));
    assert_int_equal(bundle.experts.count, 5);
    bundle_clear(&bundle);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_is_a_text_of_its_own),
        in_folder(test_names),
        in_folder(test_a_name_is_no_file),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
