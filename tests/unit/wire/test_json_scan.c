/* The walk: what it accepts and refuses, where it finds what is wanted, and that a dialect says the
 * same of an event whether it is skimmed or read whole. */
#include "wire/json_scan.h"

#include <cjson/cJSON.h>

#include "core/random.h"

#include "fast_parse.h"
#include "support.h"

enum { TEXT, LIST, NAME, FIRST, INSIDE, WANTS };

static const struct scan_want wants[WANTS] = {
    [LIST] = SCAN_MEMBER(TEXT, "list"),
    [NAME] = SCAN_MEMBER(TEXT, "name"),
    [FIRST] = SCAN_FIRST(LIST),
    [INSIDE] = SCAN_MEMBER(FIRST, "name"),
};

/* Walks a copy that ends where the text ends; the values point into `json`. */
static bool scan(const char *json, size_t length, struct scan_value *found)
{
    char *copy = memory_new(1, length ? length : 1);
    bool good;

    memcpy(copy, json, length);
    good = json_scan(copy, length, wants, WANTS, found);
    for (int i = 0; i < WANTS; i++) {
        if (good && found[i].at)
            found[i].at = json + (found[i].at - copy);
    }
    free(copy);
    return good;
}

static void test_what_is_accepted(void **state)
{
    static const char *const texts[] = {
        "{}",
        "[]",
        " \t\r\n{ \"a\" : [ 1 , 2 ] , \"b\" : { } , \"c\" : [ ] } \t\r\n",
        "0",
        "-0",
        "-12.50e+07",
        "[1E5,0e0,1.0E-1]",
        "[null,true,false]",
        "\"\"",
        "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u0041\\uffFf\"",
        "\"a text of more than sixteen bytes, \\\" with a quote behind them\"",
        "\"\x7f\xc3\xa4\xf0\x9f\x8d\x92\xff\"",
        "{\"\":1,\"\":2,\"other\":1,\"other\":2}",
        "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]",
        "123456789012345678901234567890123456789012345678901234567890123",
    };
    struct scan_value found[WANTS];

    (void)state;
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        cJSON *tree = cJSON_Parse(texts[i]);

        expect_true(texts[i], tree);
        expect_true(texts[i], scan(texts[i], strlen(texts[i]), found));
        cJSON_Delete(tree);
    }
}

static void test_what_is_refused(void **state)
{
    static const char *const texts[] = {
        "",
        " ",
        "{",
        "}",
        "{]",
        "[}",
        "[1,]",
        "[,1]",
        "[1 2]",
        "{\"a\"}",
        "{\"a\":}",
        "{\"a\":1,}",
        "{,}",
        "{\"a\" 1}",
        "{a:1}",
        "{1:1}",
        "{\"a\":1 \"b\":2}",
        "{\"a\":1}}",
        "{} {}",
        "{}x",
        "nul",
        "nullx",
        "True",
        "+1",
        "01",
        "-",
        "-a",
        "1.",
        ".5",
        "1.e5",
        "1e",
        "1e+",
        "0x10",
        "NaN",
        "Infinity",
        "\"",
        "\"a",
        "'a'",
        "\"\\\"",
        "\"\\x\"",
        "\"\\",
        "\"\\u12\"",
        "\"\\u123",
        "\"\\u12g4\"",
        "\"a\tb\"",
        "\"a text of more than sixteen bytes \n and a line end\"",
        "\xef\xbb\xbf{}",
        "\v{}",
        /* sound JSON, but rare */
        "\"\\u0000\"",
        "\"\\ud83c\\udf52\"",
        "{\"n\\u0061me\":1}",
        "{\"name\":1,\"name\":2}",
        "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]",
        "1234567890123456789012345678901234567890123456789012345678901234",
    };
    struct scan_value found[WANTS];

    (void)state;
    for (size_t i = 0; i < COUNT_OF(texts); i++)
        expect_true(texts[i], !scan(texts[i], strlen(texts[i]), found));
    assert_false(scan("\"a\0b\"", 5, found));
}

static void test_what_is_found(void **state)
{
    static const struct {
        const char *json, *list, *name, *first, *inside; /* "": nothing */
    } cases[] = {
        {"{}", "", "", "", ""},
        {"[{\"name\":1}]", "", "", "", ""},
        {"{\"name\":\"a\"}", "", "\"a\"", "", ""},
        {"{\"names\":1,\"nam\":2,\"Name\":3,\"eman\":4}", "", "", "", ""},
        {"{\"other\":{\"name\":1},\"list\":[ {\"x\":[{\"name\":2}],\"name\": 3 } , {\"name\":4}],"
         "\"name\": null }",
         "[ {\"x\":[{\"name\":2}],\"name\": 3 } , {\"name\":4}]", "null",
         "{\"x\":[{\"name\":2}],\"name\": 3 }", "3"},
        {"{\"list\":[]}", "[]", "", "", ""},
        {"{\"list\":[5,{\"name\":1}]}", "[5,{\"name\":1}]", "", "5", ""},
        {"{\"list\":{\"name\":1,\"\":{\"name\":2}}}", "{\"name\":1,\"\":{\"name\":2}}", "", "", ""},
        {"{\"list\":[[{\"name\":1}]]}", "[[{\"name\":1}]]", "", "[{\"name\":1}]", ""},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const char *wanted[WANTS] = {cases[i].json, cases[i].list, cases[i].name, cases[i].first,
                                     cases[i].inside};
        struct scan_value found[WANTS];

        expect_true(cases[i].json, scan(cases[i].json, strlen(cases[i].json), found));
        for (int w = 0; w < WANTS; w++) {
            char *value =
                memory_printf("%.*s", (int)found[w].length, found[w].at ? found[w].at : "");

            expect_text(cases[i].json, value, wanted[w]);
            free(value);
        }
    }
}

static void test_kinds_of_values(void **state)
{
    static const struct {
        const char *json, *kinds; /* Object, String, True, some teXt, Nothing */
    } cases[] = {
        {"{\"name\":{}}", "O"},     {"{\"name\":[]}", ""},        {"{\"name\":\"\"}", "S"},
        {"{\"name\":\"a\"}", "SX"}, {"{\"name\":true}", "T"},     {"{\"name\":false}", "N"},
        {"{\"name\":null}", "N"},   {"{\"name\":1}", ""},         {"{}", "N"},
        {"{\"name\":\" \"}", "SX"}, {"{\"name\":\"\\n\"}", "SX"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct scan_value found[WANTS];
        const struct scan_value *value = &found[NAME];
        char kinds[8];

        expect_true(cases[i].json, scan(cases[i].json, strlen(cases[i].json), found));
        snprintf(kinds, sizeof kinds, "%s%s%s%s%s", scan_is_object(value) ? "O" : "",
                 scan_is_string(value) ? "S" : "", scan_is_true(value) ? "T" : "",
                 scan_is_some_text(value) ? "X" : "", scan_is_nothing(value) ? "N" : "");
        expect_text(cases[i].json, kinds, cases[i].kinds);
    }
}

/* --- Skimmed and read whole ------------------------------------------------------------------- */

static const struct dialect *const dialects[] = {&dialect_openai, &dialect_sambastudio_v2,
                                                 &dialect_sambastudio_v1};

static void test_events_that_are_parsed_fast(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(fast_parse_events); i++) {
        const char *payload = fast_parse_events[i].payload;
        int parsed_fast = 0;

        for (size_t d = 0; d < COUNT_OF(dialects); d++)
            parsed_fast |= fast_parse_check(dialects[d], payload, strlen(payload)) << d;
        if (parsed_fast != fast_parse_events[i].parsed_fast)
            fail_msg("%s: skimmed by %x, wanted %x", payload, (unsigned)parsed_fast,
                     (unsigned)fast_parse_events[i].parsed_fast);
    }
}

/* --- Like the text before --------------------------------------------------------------------- */

enum { ALL, WHO, SAID, LAST, LIKES };

static const struct scan_want likes[LIKES] = {
    [WHO] = SCAN_MEMBER(ALL, "who"),
    [SAID] = SCAN_STRING(WHO, "said"),
    [LAST] = SCAN_MEMBER(ALL, "last"),
};

#define SAYS(text) " {\"a\":1,\"who\":{\"said\":\"" text "\",\"b\":[2]},\"last\":true}\n"

/* Both ways find the same, but for the bytes of what holds the string that varies; whether the text
 * was only compared is told by which one is remembered. */
static bool is_compared(struct scan_previous *before, const char *json)
{
    struct scan_value whole[LIKES];
    size_t length = strlen(json);
    bool good = json_scan(json, length, likes, LIKES, whole);
    const struct scan_value *like = scan_like(before, json, length, likes, LIKES);

    assert_int_equal(like != NULL, good);
    for (int i = 0; i < LIKES && good; i++) {
        assert_int_equal(!like[i].at, !whole[i].at);
        if (!whole[i].at)
            continue;
        assert_int_equal(*like[i].at, *whole[i].at);
        if (!scan_is_object(&whole[i])) {
            assert_int_equal(like[i].length, whole[i].length);
            assert_memory_equal(like[i].at, whole[i].at, whole[i].length);
        }
    }
    return good && (before->json.length != length || memcmp(before->json.bytes, json, length) != 0);
}

static void test_only_the_string_that_varies_is_scanned(void **state)
{
    static const char *const alike[] = {
        SAYS(""),
        SAYS("b"),
        SAYS("a longer one, with \\\" and \\u00e9 and \\n in it"),
        SAYS("},\\\"last\\\":false}"),
    };
    static const char *const unlike[] = {
        SAYS("a\\"),   SAYS("a\",\"b\":\""), SAYS("\x01"), SAYS("\\ud800"),        SAYS("a") " ",
        " " SAYS("a"), SAYS("\\u0000"),      SAYS("a\"b"), SAYS("\",\"said\":\""),
    };
    struct scan_previous before = {0};

    (void)state;
    assert_false(is_compared(&before, SAYS("a")));
    for (size_t i = 0; i < COUNT_OF(alike); i++)
        assert_true(is_compared(&before, alike[i]));
    for (size_t i = 0; i < COUNT_OF(unlike); i++) {
        assert_false(is_compared(&before, unlike[i]));
        is_compared(&before, SAYS("a"));
    }
    scan_forget(&before);
}

static void test_a_text_cut_anywhere_is_not_like_the_whole(void **state)
{
    static const char whole[] = SAYS("some");
    struct scan_previous before = {0};

    (void)state;
    for (size_t length = 0; length + 2 < sizeof whole; length++) {
        assert_non_null(scan_like(&before, whole, sizeof whole - 1, likes, LIKES));
        assert_null(scan_like(&before, whole, length, likes, LIKES));
    }
    scan_forget(&before);
}

static void test_texts_scanned_for_other_values_are_not_compared(void **state)
{
    struct scan_previous before = {0};
    const struct scan_value *found;

    (void)state;
    assert_non_null(scan_like(&before, SAYS("a"), strlen(SAYS("a")), likes, LIKES));
    found = scan_like(&before, SAYS("b"), strlen(SAYS("b")), wants, WANTS);
    assert_non_null(found);
    assert_null(found[NAME].at);
    assert_true(scan_is_object(&found[TEXT]) || !found[TEXT].at);
    scan_forget(&before);
}

/* Each cut short at every place, and each with every byte replaced by bytes that mean something. */
static void test_events_cut_and_replaced_at_every_place(void **state)
{
    static const char bytes[] = "\"\\{}[]:,0-.eEnu/ \n\x01\x7f\xff";

    (void)state;
    for (size_t i = 0; i < COUNT_OF(fast_parse_events); i++) {
        size_t length = strlen(fast_parse_events[i].payload);
        char *payload = memory_text(fast_parse_events[i].payload);

        for (size_t at = 0; at < length; at++) {
            char byte = payload[at];

            for (size_t d = 0; d < COUNT_OF(dialects); d++) {
                fast_parse_check(dialects[d], payload, at);
                for (size_t b = 0; b < sizeof bytes; b++) {
                    payload[at] = bytes[b];
                    fast_parse_check(dialects[d], payload, length);
                }
                payload[at] = byte;
            }
        }
        free(payload);
    }
}

/* One change at random: a bit, a byte that means something, a piece taken out or doubled. */
static void change(struct random *random, struct text *payload)
{
    static const char bytes[] = "\"\\{}[]:,01-.eEtfnu/ \t\n\r\x1f";
    size_t at = random_below(random, payload->length);
    size_t length = 1 + random_below(random, payload->length - at);
    struct text tail = {0};

    text_add(&tail, payload->bytes + at, payload->length - at);
    switch (random_below(random, 5)) {
    case 0:
        payload->bytes[at] ^= (char)(1 << random_below(random, 8));
        break;
    case 1:
        payload->bytes[at] = bytes[random_below(random, sizeof bytes - 1)];
        break;
    case 2: /* insert one */
        payload->length = at;
        text_add(payload, &bytes[random_below(random, sizeof bytes - 1)], 1);
        text_add(payload, tail.bytes, tail.length);
        break;
    case 3: /* take some out */
        payload->length = at;
        text_add(payload, tail.bytes + length, tail.length - length);
        break;
    default: /* double some */
        payload->length = at + length;
        text_add(payload, tail.bytes, tail.length);
    }
    text_clear(&tail);
}

static void test_events_changed_at_random(void **state)
{
    enum { TRIES = 1000 };
    size_t parsed_fast = 0, whole = 0;

    (void)state;
    for (uint64_t i = 0; i < COUNT_OF(fast_parse_events) * TRIES; i++) {
        const char *event = fast_parse_events[i / TRIES].payload;
        struct text payload = {0};
        struct random random;

        random_init(&random, &i, 1);
        text_add_string(&payload, event);
        for (uint64_t n = 1 + random_below(&random, 3); n > 0 && payload.length > 0; n--)
            change(&random, &payload);
        for (size_t d = 0; d < COUNT_OF(dialects); d++) {
            if (fast_parse_check(dialects[d], payload.bytes, payload.length))
                parsed_fast++;
            else
                whole++;
        }
        text_clear(&payload);
    }
    assert_true(parsed_fast > TRIES && whole > TRIES); /* both ways were tried */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_is_accepted),
        cmocka_unit_test(test_what_is_refused),
        cmocka_unit_test(test_what_is_found),
        cmocka_unit_test(test_kinds_of_values),
        cmocka_unit_test(test_events_that_are_parsed_fast),
        cmocka_unit_test(test_only_the_string_that_varies_is_scanned),
        cmocka_unit_test(test_a_text_cut_anywhere_is_not_like_the_whole),
        cmocka_unit_test(test_texts_scanned_for_other_values_are_not_compared),
        cmocka_unit_test(test_events_cut_and_replaced_at_every_place),
        cmocka_unit_test(test_events_changed_at_random),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
