/* A YAML document as a tree with lines. */
#include "core/yaml.h"

#include "growth.h"
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

static void test_what_is_no_yaml_is_reported_with_its_line(void **state)
{
    static const struct {
        const char *name, *text, *part;
    } cases[] = {
        {"unclosed bracket", "a: 1\nb: [1, 2\nc: 3\n", "x.yaml:3: is not YAML: "},
        {"tab", "a: 1\nb:\n\tc: 3\n", "x.yaml:3: is not YAML: a tab indents this line; use blanks"},
        {"tab behind blanks", "a: 1\nb:\n  c: 3\n  \td: 4\n", "x.yaml:4: is not YAML: a tab"},
        {"merge of a scalar", "a:\n  <<: 5\n", "x.yaml:2: '<<' takes a mapping or a list"},
        {"merge of nothing", "a: {<<: }\n", "x.yaml:1: '<<' takes a mapping"},
        {"merge of a list of scalars", "<<: [{a: 1}, 2]\n", "x.yaml:1: '<<' takes a mapping"},
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

/* libyaml takes time that grows as the square of these. */
static void test_what_takes_libyaml_long_has_a_ceiling(void **state)
{
    static const struct {
        const char *name, *before, *head, *tail, *behind; /* a number between head and tail */
        int fine;
    } cases[] = {
        {"anchors", "a: [", "&a", " x, ", "]\n", 1000},
        {"anchors of lists", "a: [", "&a", " [], ", "]\n", 1000},
        {"anchors of mappings", "a: [", "&a", " {}, ", "]\n", 1000},
        {"directives", "", "%TAG !a", "! b\n", "---\na: 1\n", 100},
    };

    (void)state;
    for (size_t i = 0; i < 2 * COUNT_OF(cases); i++) {
        int over = (int)(i % 2);
        struct error error = {""};
        struct text text = {0};
        struct yaml *root;

        text_add_string(&text, cases[i / 2].before);
        for (int k = 0; k < cases[i / 2].fine + over; k++)
            text_printf(&text, "%s%d%s", cases[i / 2].head, k, cases[i / 2].tail);
        text_add_string(&text, cases[i / 2].behind);
        root = yaml_parse(text.bytes, text.length, "x", &error);
        expect_true(cases[i / 2].name, (root != NULL) == !over);
        if (over)
            expect_part(cases[i / 2].name, error.text, "nested too deep or too large");
        yaml_delete(root);
        text_clear(&text);
    }
}

static void nest(size_t depth)
{
    struct error error;
    struct text text = {0};

    for (size_t i = 0; i < depth; i++)
        text_add_string(&text, "{a: ");
    for (int i = 0; i < 50; i++) /* so that the shorter one takes its time too */
        assert_null(yaml_parse(text.bytes, text.length, "deep", &error));
    text_clear(&text);
}

static void merge(size_t keys)
{
    struct error error = {""};
    struct text text = {0};
    struct yaml *root;

    text_add_string(&text, "<<: {");
    for (size_t i = 0; i < keys; i++)
        text_printf(&text, "k%zu: 1, ", i);
    text_add_string(&text, "}\na: 1\n");
    root = yaml_parse(text.bytes, text.length, "x", &error);
    if (!root)
        fail_msg("%s", error.text);
    assert_int_equal(root->count, keys + 1);
    yaml_delete(root);
    text_clear(&text);
}

static void test_no_text_takes_the_square_of_its_length(void **state)
{
    (void)state;
    expect_no_square("nested", nest, 500);
    expect_no_square("merged", merge, 8000);
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
        {"{a: 1, b: 0.5, c: -2e3}", "{\"a\":1,\"b\":0.5,\"c\":-2e3}"},
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

static void test_a_file_that_is_not_there_is_reported(void **state)
{
    struct error error = {""};

    (void)state;
    assert_null(yaml_read("missing.yaml", &error));
    expect_part("missing", error.text, "'missing.yaml' cannot be opened");
    yaml_delete(NULL);
}

/* As PyYAML merges them, whose order of keys is kept too. */
static void test_merge_keys_are_merged(void **state)
{
    static const struct {
        const char *yaml, *json;
    } cases[] = {
        {"d: &d {x: 1, y: 2}\ne: {<<: *d}\n", "{\"d\":{\"x\":1,\"y\":2},\"e\":{\"x\":1,\"y\":2}}"},
        {"<<: {x: 1, y: 2}\ny: 3\nz: 4\n", "{\"x\":1,\"y\":3,\"z\":4}"},
        {"y: 3\n<<: {x: 1, y: 2}\n", "{\"x\":1,\"y\":3}"},
        {"<<: [{x: 1}, {x: 2, y: 2}]\n", "{\"x\":1,\"y\":2}"},
        {"<<: {x: 1}\na: 0\n<<: {x: 2}\n", "{\"x\":2,\"a\":0}"},
        {"<<: {<<: {x: 1, y: 1}, y: 2}\ny: 3\n", "{\"x\":1,\"y\":3}"},
        {"<<: {}\na: 1\n", "{\"a\":1}"},
        {"b: 0\n<<: [{a: 1}, {b: 2, a: 3}]\nc: 4\n", "{\"b\":0,\"a\":1,\"c\":4}"},
        {"<<: []\n", "{}"},
        {"\"<<\": 1\n", "{\"<<\":1}"},
        {"a: [{<<: {x: 1}}]\n", "{\"a\":[{\"x\":1}]}"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct error error = {""};
        struct yaml *root = yaml_parse(cases[i].yaml, strlen(cases[i].yaml), "x.yaml", &error);
        struct text json = {0};

        if (!root)
            fail_msg("%s: %s", cases[i].yaml, error.text);
        yaml_add_json(root, &json);
        expect_text(cases[i].yaml, json.bytes, cases[i].json);
        text_clear(&json);
        yaml_delete(root);
    }
}

/* Of what a file says twice itself a reader can still complain. */
static void test_own_keys_that_stand_twice_stay_so(void **state)
{
    static const char yaml[] = "<<: {a: 0}\na: 1\na: 2\n";
    struct error error;
    struct yaml *root = yaml_parse(yaml, strlen(yaml), "x.yaml", &error);

    (void)state;
    assert_int_equal(root->count, 2);
    assert_int_equal(root->key[0]->line, 2);
    assert_int_equal(root->key[1]->line, 3);
    yaml_delete(root);
}

static void test_a_file_keeps_keys_for_itself(void **state)
{
    struct error error;
    struct yaml *root;

    (void)state;
    support_write("x.yaml", "x-base: &b {t: 1}\nx-: 2\na: {<<: *b, x-y: 3}\nX-b: 4\n");
    root = yaml_read("x.yaml", &error);
    assert_int_equal(root->count, 2);
    assert_non_null(yaml_find(yaml_find(root, "a"), "t"));
    assert_non_null(yaml_find(yaml_find(root, "a"), "x-y"));
    assert_non_null(yaml_find(root, "X-b"));
    yaml_delete(root);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_keys_and_values_remember_their_lines),
        cmocka_unit_test(test_an_empty_document_is_an_empty_mapping),
        cmocka_unit_test(test_repeated_keys_are_kept_and_the_first_is_found),
        cmocka_unit_test(test_what_is_no_yaml_is_reported_with_its_line),
        cmocka_unit_test(test_ceilings_hold),
        cmocka_unit_test(test_what_takes_libyaml_long_has_a_ceiling),
        cmocka_unit_test(test_no_text_takes_the_square_of_its_length),
        cmocka_unit_test(test_a_value_is_put_under_a_dotted_key),
        cmocka_unit_test(test_json_reads_scalars_by_the_core_schema),
        cmocka_unit_test(test_merge_keys_are_merged),
        cmocka_unit_test(test_own_keys_that_stand_twice_stay_so),
        in_folder(test_a_file_keeps_keys_for_itself),
        in_folder(test_a_file_that_is_not_there_is_reported),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
