/* The table-driven reader of a settings file, over a small table with every type. */
#include "core/setting.h"

#include "growth.h"
#include "support.h"

struct inner {
    double number;
    char *text;
};

struct target {
    bool truth;
    int64_t whole;
    double number;
    char *text, *needed;
    int choice;
    char *json;
    struct inner group;
    struct setting_list list, numbers;
};

static const char *const choices[] = {"red", "green", NULL};

#define INNER(field) offsetof(struct inner, field)
#define AT(field)    offsetof(struct target, field)

static const struct setting inner_table[] = {
    {"number", SETTING_NUMBER, INNER(number), .fallback = "2.5"},
    {"text", SETTING_TEXT, INNER(text), .fallback = NULL},
    {0},
};

static const struct setting table[] = {
    {"truth", SETTING_TRUTH, AT(truth), .fallback = "yes"},
    {"whole", SETTING_INTEGER, AT(whole), .fallback = "4", .least = 1, .most = 10, .unit = "rows"},
    {"number", SETTING_NUMBER, AT(number), .fallback = "0.5", .least = 0, .most = 60, .unit = "s"},
    {"text", SETTING_TEXT, AT(text), .fallback = NULL},
    {"needed", SETTING_TEXT, AT(needed), .required = true, .help = "what is needed"},
    {"choice", SETTING_CHOICE, AT(choice), .fallback = "green", .choices = choices},
    {"json", SETTING_JSON, AT(json), .fallback = NULL},
    {"group", SETTING_GROUP, AT(group), .members = inner_table},
    {"list", SETTING_LIST, AT(list), .members = inner_table, .item_size = sizeof(struct inner)},
    {"numbers", SETTING_NUMBERS, AT(numbers), .least = 1, .most = 9},
    {0},
};

static bool read_text(const char *text, struct target *target, struct faults *faults)
{
    struct error error = {""};
    struct yaml *root = yaml_parse(text, strlen(text), "x.yaml", &error);
    bool done;

    assert_non_null(root);
    done = setting_read(table, root, target, faults);
    yaml_delete(root);
    return done;
}

static void test_values_and_defaults_are_read_and_told_as_json(void **state)
{
    static const struct {
        const char *name, *yaml, *json;
    } cases[] = {
        {"defaults", "needed: x\n",
         "{\"truth\":true,\"whole\":4,\"number\":0.5,\"text\":null,\"needed\":\"x\","
         "\"choice\":\"green\",\"json\":{},\"group\":{\"number\":2.5,\"text\":null},\"list\":[],"
         "\"numbers\":[]}"},
        {"all given",
         "truth: False\nwhole: 7.0\nnumber: 1e1\ntext: 12\nneeded: \" \"\nchoice: RED\n"
         "json: {temperature: 0, stop: ['a']}\ngroup: {number: -1}\n"
         "list:\n- text: one\n- number: 3\n- \nnumbers: [1, 2.5]\n",
         "{\"truth\":false,\"whole\":7,\"number\":10,\"text\":\"12\",\"needed\":\" \","
         "\"choice\":\"red\",\"json\":{\"temperature\":0,\"stop\":[\"a\"]},"
         "\"group\":{\"number\":-1,\"text\":null},\"list\":[{\"number\":2.5,\"text\":\"one\"},"
         "{\"number\":3,\"text\":null},{\"number\":2.5,\"text\":null}],\"numbers\":[1,2.5]}"},
        {"null is not given", "truth: ~\nwhole: null\ntext:\nneeded: x\njson: ~\ngroup:\n",
         "{\"truth\":true,\"whole\":4,\"number\":0.5,\"text\":null,\"needed\":\"x\","
         "\"choice\":\"green\",\"json\":{},\"group\":{\"number\":2.5,\"text\":null},\"list\":[],"
         "\"numbers\":[]}"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct target target = {0};
        struct faults faults = {0};
        struct text json = {0};
        bool done = read_text(cases[i].yaml, &target, &faults);

        expect_faults(cases[i].name, &faults, NULL);
        expect_true(cases[i].name, done);
        setting_add_json(table, &target, &json);
        expect_text(cases[i].name, json.bytes, cases[i].json);
        text_clear(&json);
        setting_clear(table, &target);
        setting_clear(table, &target); /* of a cleared one too */
    }
}

static void test_each_fault_is_one_sentence_with_its_line(void **state)
{
    static const struct {
        const char *yaml, *sentence;
    } cases[] = {
        {"needed: x\ntruth: maybe\n", "x.yaml:2: truth: 'maybe' is not true or false"},
        {"needed: x\ntruth: [yes]\n", "x.yaml:2: truth: 'a list' is not true or false"},
        {"needed: x\nwhole: 11\n",
         "x.yaml:2: whole: '11' is not a whole number from 1 to 10 (rows)"},
        {"needed: x\nwhole: 2.5\n",
         "x.yaml:2: whole: '2.5' is not a whole number from 1 to 10 (rows)"},
        {"needed: x\n\nnumber: 10s\n", "x.yaml:3: number: '10s' is not a number from 0 to 60 (s)"},
        {"needed: x\nnumber: -1\n", "x.yaml:2: number: '-1' is not a number from 0 to 60 (s)"},
        {"needed: x\ntext: {a: 1}\n", "x.yaml:2: text: 'a mapping' is not a text"},
        {"truth: on\n", "x.yaml:1: 'needed' is missing: what is needed"},
        {"truth: on\nneeded:\n", "x.yaml:2: 'needed' is missing: what is needed"},
        {"needed: x\nchoice: blue\n", "x.yaml:2: choice: 'blue' is not one of red, green"},
        {"needed: x\njson: [1]\n", "x.yaml:2: json: 'a list' is not a mapping of names to values"},
        {"needed: x\ngroup: 5\n",
         "x.yaml:2: expected 'key: value' lines here, such as 'number: …'"},
        {"needed: x\ngroup:\n  nubmer: 5\n",
         "x.yaml:3: unknown key 'nubmer'; did you mean 'number'?"},
        {"needed: x\nlist: 5\n", "x.yaml:2: list: '5' is not a list"},
        {"needed: x\nlist:\n- {number: y}\n", "x.yaml:3: number: 'y' is not a number"},
        {"needed: x\nnumbers: 5\n", "x.yaml:2: numbers: '5' is not a list of numbers"},
        {"needed: x\nnumbers:\n- 1\n- 10\n", "x.yaml:4: numbers: '10' is not a number from 1 to 9"},
        {"needed: x\nwhoel: 5\n", "x.yaml:2: unknown key 'whoel'; did you mean 'whole'?"},
        {"needed: x\nxyzzy: 5\n", "x.yaml:2: unknown key 'xyzzy'; nothing known here is like it"},
        {"needed: x\n\nneeded: y\n",
         "x.yaml:3: 'needed' appears here again, first in line 1; keep one"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct target target = {0};
        struct faults faults = {0};

        expect_true(cases[i].yaml, !read_text(cases[i].yaml, &target, &faults));
        expect_true(cases[i].yaml, faults.count == 1);
        expect_text(cases[i].yaml, faults.text[0], cases[i].sentence);
        faults_clear(&faults);
        setting_clear(table, &target);
    }
}

static void test_every_fault_of_a_file_is_found_in_one_reading(void **state)
{
    struct target target = {0};
    struct faults faults = {0};

    (void)state;
    assert_false(read_text("truth: 5\nwhole: 0\nquux: 1\nnumbers: [0, 99]\n", &target, &faults));
    assert_int_equal(faults.count, 6); /* and 'needed' is missing */
    faults_clear(&faults);
    setting_clear(table, &target);
}

/* Of ever so many the first hundred, and how many more there are. */
static void test_many_unknown_keys_are_counted(void **state)
{
    struct target target = {0};
    struct faults faults = {0};
    struct text yaml = {0};

    (void)state;
    text_add_string(&yaml, "needed: x\n");
    for (int i = 0; i < 300; i++)
        text_printf(&yaml, "key_%d: 1\n", i);
    text_add_string(&yaml, "needed: y\nneeded: z\n");
    assert_false(read_text(yaml.bytes, &target, &faults));
    assert_int_equal(faults.count, 101);
    expect_part("first", faults.text[0], "x.yaml:2: unknown key 'key_0'");
    expect_text("last", faults.text[100],
                "x.yaml:1: 202 further keys are unknown or appear here again");
    faults_clear(&faults);
    text_clear(&yaml);
    setting_clear(table, &target);
}

static void read_keys(size_t count)
{
    struct target target = {0};
    struct faults faults = {0};
    struct text yaml = {0};

    for (size_t i = 0; i < count; i++)
        text_printf(&yaml, "key_%zu: 1\n", i);
    read_text(yaml.bytes, &target, &faults);
    faults_clear(&faults);
    text_clear(&yaml);
    setting_clear(table, &target);
}

static void test_keys_are_checked_once_each(void **state)
{
    (void)state;
    expect_no_square("keys", read_keys, 5000);
}

static void test_what_is_no_mapping_is_one_fault_and_what_is_missing(void **state)
{
    struct target target = {0};
    struct faults faults = {0};

    (void)state;
    assert_false(read_text("just a text\n", &target, &faults));
    assert_int_equal(faults.count, 2);
    expect_part("text", faults.text[0], "x.yaml:1: expected 'key: value' lines here");
    faults_clear(&faults);
    setting_clear(table, &target);
}

static void test_the_place_of_a_setting_is_its_line_or_the_mappings(void **state)
{
    struct error error = {""};
    struct yaml *root = yaml_parse("\na: 1\nb: 2\n", 11, "x.yaml", &error);

    (void)state;
    assert_int_equal(setting_place(root, "b")->line, 3);
    assert_int_equal(setting_place(root, "c")->line, 2);
    yaml_delete(root);
}

static void test_a_text_that_is_null_is_its_default(void **state)
{
    static const char *const cases[] = {"", "name: ~\n", "name: null\n", "name:\n"};
    static const struct setting named[] = {{"name", SETTING_TEXT, 0, .fallback = "*"}, {0}};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct yaml *root = yaml_parse(cases[i], strlen(cases[i]), "x.yaml", &(struct error){""});
        struct faults faults = {0};
        char *name = NULL;

        assert_non_null(root);
        expect_true(cases[i], setting_read(named, root, &name, &faults));
        expect_text(cases[i], name, "*");
        setting_clear(named, &name);
        yaml_delete(root);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_values_and_defaults_are_read_and_told_as_json),
        cmocka_unit_test(test_each_fault_is_one_sentence_with_its_line),
        cmocka_unit_test(test_every_fault_of_a_file_is_found_in_one_reading),
        cmocka_unit_test(test_many_unknown_keys_are_counted),
        cmocka_unit_test(test_keys_are_checked_once_each),
        cmocka_unit_test(test_what_is_no_mapping_is_one_fault_and_what_is_missing),
        cmocka_unit_test(test_a_text_that_is_null_is_its_default),
        cmocka_unit_test(test_the_place_of_a_setting_is_its_line_or_the_mappings),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
