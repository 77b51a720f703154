/* A YAML document as a tree with lines. */
#include "core/yaml.h"

#include "support.h"

static struct yaml *parse(const char *text)
{
    struct error error = {""};
    struct yaml *root = yaml_parse(text, strlen(text), "x.yaml", &error);

    if (!root)
        fail_msg("%s", error.text);
    return root;
}

static void test_keys_and_values_remember_their_lines(void **state)
{
    struct yaml *root = parse("# a comment\na: 1\nb:\n  c: [x, 'y']\n\nd: |\n  text\n");
    const struct yaml *inner = yaml_find(root, "b");

    (void)state;
    assert_int_equal(root->kind, YAML_MAPPING);
    assert_int_equal(root->count, 3);
    assert_int_equal(root->key[0]->line, 2);
    assert_string_equal(yaml_find(root, "a")->scalar, "1");
    assert_false(yaml_find(root, "a")->quoted);
    assert_int_equal(inner->kind, YAML_MAPPING);
    assert_int_equal(yaml_find(inner, "c")->kind, YAML_LIST);
    assert_int_equal(yaml_find(inner, "c")->line, 4);
    assert_string_equal(yaml_find(inner, "c")->value[1]->scalar, "y");
    assert_true(yaml_find(inner, "c")->value[1]->quoted);
    assert_int_equal(root->key[2]->line, 6);
    assert_string_equal(yaml_find(root, "d")->scalar, "text\n");
    assert_null(yaml_find(root, "c"));
    assert_null(yaml_find(yaml_find(root, "a"), "c"));
    yaml_delete(root);
}

static void test_an_empty_document_is_an_empty_mapping(void **state)
{
    static const char *const cases[] = {"", "\n\n", "# only a comment\n", "---\n{}\n...\n# end\n"};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct yaml *root = parse(cases[i]);

        expect_true(cases[i], root->kind == YAML_MAPPING && root->count == 0);
        yaml_delete(root);
    }
}

static void test_repeated_keys_are_kept_and_the_first_is_found(void **state)
{
    struct yaml *root = parse("a: 1\na: 2\n");

    (void)state;
    assert_int_equal(root->count, 2);
    assert_string_equal(yaml_find(root, "a")->scalar, "1");
    yaml_delete(root);
}

static void test_what_is_no_yaml_is_told_with_its_line(void **state)
{
    static const struct {
        const char *name, *text, *part;
    } cases[] = {
        {"unclosed bracket", "a: 1\nb: [1, 2\nc: 3\n", "x.yaml:3: is not YAML: "},
        {"tab", "a: 1\nb:\n\tc: 3\n", "x.yaml:3: is not YAML: "},
        {"first line", "a: 'x\n", "is not YAML: "},
        {"not UTF-8", "a: \xff\xfe\n", "is not YAML: "},
        {"a mapping as key", "a: 1\n{b: 1}: 2\n",
         "x.yaml:2: a key must be a plain name, not a list or mapping"},
        {"unknown alias", "a: *b\n", "x.yaml:1: is not YAML: "},
        {"zero in a text", "a: 1\nb: \"c\\0d\"\n", "x.yaml:2: a text holds \\0"},
        {"zero in a key", "a: 1\nb: {\"c\\x00d\": 2}\n", "x.yaml:2: a text holds \\0"},
        {"two documents", "a: 1\n---\n\nb: 2\n", "x.yaml:4: is a second document"},
        {"nonsense behind the end", "a: 1\n...\nb: [\n", "x.yaml:3: is not YAML: "},
        {"alias of itself", "a: &b [*b]\n", "x.yaml:1: nested too deep or too large"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct error error = {""};

        expect_true(cases[i].name,
                    !yaml_parse(cases[i].text, strlen(cases[i].text), "x.yaml", &error));
        expect_part(cases[i].name, error.text, cases[i].part);
    }
}

static void test_ceilings_hold(void **state)
{
    struct error error = {""};
    struct text text = {0};

    (void)state;
    for (int i = 0; i < 100; i++)
        text_add_char(&text, '[');
    for (int i = 0; i < 100; i++)
        text_add_char(&text, ']');
    assert_null(yaml_parse(text.bytes, text.length, "deep", &error));
    expect_part("deep", error.text, "deep:1: nested too deep");
    text_reset(&text);
    text_add_string(&text, "a0: &a0 [x, x]\n"); /* doubles with each line: 2^20 nodes */
    for (int i = 1; i < 20; i++)
        text_printf(&text, "a%d: &a%d [*a%d, *a%d]\n", i, i, i - 1, i - 1);
    assert_null(yaml_parse(text.bytes, text.length, "wide", &error));
    expect_part("wide", error.text, "too large");
    text_clear(&text);
}

static void test_a_value_is_put_under_a_dotted_key(void **state)
{
    static const struct {
        const char *key;
        bool done;
        const char *json;
    } cases[] = {
        {"a", true, "{\"a\":9,\"b\":{\"c\":2}}"},
        {"b.c", true, "{\"a\":1,\"b\":{\"c\":9}}"},
        {"b.d", true, "{\"a\":1,\"b\":{\"c\":2,\"d\":9}}"},
        {"e.f.g", true, "{\"a\":1,\"b\":{\"c\":2},\"e\":{\"f\":{\"g\":9}}}"},
        {"b", true, "{\"a\":1,\"b\":9}"},
        {"a.c", false, "{\"a\":1,\"b\":{\"c\":2}}"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct yaml *root = parse("a: 1\nb: {c: 2}\n");
        struct text json = {0};

        expect_true(cases[i].key, yaml_put(root, cases[i].key, yaml_scalar("9", false, "--set")) ==
                                      cases[i].done);
        yaml_add_json(root, &json);
        expect_text(cases[i].key, json.bytes, cases[i].json);
        text_clear(&json);
        yaml_delete(root);
    }
}

static void test_json_reads_scalars_by_the_core_schema(void **state)
{
    static const struct {
        const char *yaml, *json;
    } cases[] = {
        {"{a: 1, b: 0.5, c: -2e3}", "{\"a\":1,\"b\":0.5,\"c\":-2000}"},
        {"[true, False, null, ~, ]", "[true,false,null,null]"},
        {"['true', \"12\", 'null']", "[\"true\",\"12\",\"null\"]"},
        {"a: say \"hi\"", "{\"a\":\"say \\\"hi\\\"\"}"},
        {"{stop: [\"\\n\", END], nested: {k: {}}}",
         "{\"stop\":[\"\\u000a\",\"END\"],\"nested\":{\"k\":{}}}"},
        {"a:", "{\"a\":null}"},
        {"&x {a: &y 1, b: *y}", "{\"a\":1,\"b\":1}"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct yaml *root = parse(cases[i].yaml);
        struct text json = {0};

        yaml_add_json(root, &json);
        expect_text(cases[i].yaml, json.bytes, cases[i].json);
        text_clear(&json);
        yaml_delete(root);
    }
}

static void test_a_file_that_is_not_there_is_told(void **state)
{
    struct error error = {""};

    (void)state;
    assert_null(yaml_read("missing.yaml", &error));
    expect_part("missing", error.text, "'missing.yaml' cannot be opened");
    yaml_delete(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_keys_and_values_remember_their_lines),
        cmocka_unit_test(test_an_empty_document_is_an_empty_mapping),
        cmocka_unit_test(test_repeated_keys_are_kept_and_the_first_is_found),
        cmocka_unit_test(test_what_is_no_yaml_is_told_with_its_line),
        cmocka_unit_test(test_ceilings_hold),
        cmocka_unit_test(test_a_value_is_put_under_a_dotted_key),
        cmocka_unit_test(test_json_reads_scalars_by_the_core_schema),
        in_folder(test_a_file_that_is_not_there_is_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
