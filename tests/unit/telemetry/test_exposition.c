/* Texts in which servers tell their metrics, by the words of both formats' descriptions. */
#include "telemetry/exposition.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "core/text.h"
#include "support.h"

static void write_sample(void *context, const struct exposition_sample *sample)
{
    struct text *told = context;

    text_add_string(told, sample->name);
    for (size_t i = 0; i < sample->labels; i++)
        text_printf(told, "|%s=%s", sample->label[i].name, sample->label[i].value);
    text_printf(told, " %g\n", sample->value);
}

static void assert_reads(const char *text, const char *expected, size_t malformed)
{
    struct exposition_counts counts = {0};
    struct text told = {0};
    size_t length = strlen(text);
    char *bytes = memory_new(length + (length == 0), 1); /* no NUL: a look behind the end shows */

    memcpy(bytes, text, length);
    exposition_read(bytes, length, write_sample, &told, &counts);
    assert_string_equal(told.bytes ? told.bytes : "", expected);
    assert_int_equal(counts.malformed, malformed);
    text_clear(&told);
    free(bytes);
}

static void test_samples(void **state)
{
    static const struct {
        const char *text, *expected;
    } cases[] = {
        {"", ""},
        {"\n\n", ""},
        {"up 1\n", "up 1\n"},
        {"up 1", "up 1\n"}, /* no newline behind the last */
        {"up 1\r\n", "up 1\n"},
        {"  up\t 1  \n", "up 1\n"},
        {"a:b_c9 2.5e3\n", "a:b_c9 2500\n"},
        {"# HELP up Whether it is up\n# TYPE up gauge\n# anything\nup 0\n", "up 0\n"},
        {"up 1 1395066363000\n", "up 1\n"}, /* milliseconds */
        {"up 1 1395066363.5\n", "up 1\n"},  /* OpenMetrics: seconds */
        {"up{} 1\n", "up 1\n"},
        {"up{a=\"b\"} 1\n", "up|a=b 1\n"},
        {"up {a=\"b\"} 1\n", "up|a=b 1\n"},
        {"up{a=\"b\",} 1\n", "up|a=b 1\n"},
        {"up{ a = \"b\" , c=\"d\" } 1\n", "up|a=b|c=d 1\n"},
        {"up{a=\"b}{,=\"} 1\n", "up|a=b}{,= 1\n"},
        {"up{a=\"\"} 1\n", "up|a= 1\n"},
        {"msdos{path=\"C:\\\\DIR\\\\F.TXT\",e=\"a\\n\\\"b\\\"\"} 1.458255915e9\n",
         "msdos|path=C:\\DIR\\F.TXT|e=a\n\"b\" 1.45826e+09\n"},
        {"up{a=\"\\q\"} 1\n", "up|a=\\q 1\n"},
        {"x NaN\ny +Inf\nz -Inf\n", "x nan\ny inf\nz -inf\n"},
        {"b{le=\"+Inf\"} 8 # {trace_id=\"x\"} 0.67\n", "b|le=+Inf 8\n"},
        {"{\"a.b\",c=\"d\"} 1\n", "a.b|c=d 1\n"}, /* UTF-8 names in quotes */
        {"{c=\"d\",\"a.b\"} 1\n", "a.b|c=d 1\n"},
        {"a{\"b.c\"=\"d\"} 1\n", "a|b.c=d 1\n"},
        {"up 1\n# EOF\n", "up 1\n"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_reads(cases[i].text, cases[i].expected, 0);
}

static void test_malformed_lines_are_counted_and_the_rest_is_told(void **state)
{
    static const char *const lines[] = {
        "up",
        "up{",
        "up{a}1",
        "up{a=b} 1",
        "up{a=\"b} 1",
        "up{a=\"b\" c=\"d\"} 1",
        "up one",
        "up 1 x",
        "up 1x",
        "9up 1",
        "up{9=\"a\"} 1",
        "{a=\"b\"} 1",
        "{\"a\",\"b\"} 1",
        "a{\"b\"} 1",
        "up{a=\"b\"}",
        "=",
        "<html>",
    };

    (void)state;
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        char *text = memory_printf("before 1\n%s\nbehind 2\n", lines[i]);

        assert_reads(text, "before 1\nbehind 2\n", 1);
        free(text);
    }
}

static void test_more_labels_than_anybody_gives_are_malformed(void **state)
{
    struct text text = {0};

    (void)state;
    text_add_string(&text, "up{");
    for (int i = 0; i < EXPOSITION_LABELS_MOST + 1; i++)
        text_printf(&text, "a%d=\"b\",", i);
    text_add_string(&text, "} 1\n");
    assert_reads(text.bytes, "", 1);
    text_clear(&text);
}

static void note_end(void *context, const struct exposition_sample *sample)
{
    (void)sample;
    ++*(int *)context;
}

static void test_counts(void **state)
{
    struct exposition_counts counts = {0};
    char text[] = "a 1\nb{x=\"y\"} 2\n!\n# EOF\n";
    int told = 0;

    (void)state;
    exposition_read(text, strlen(text), note_end, &told, &counts);
    assert_int_equal(told, 2);
    assert_int_equal(counts.samples, 2);
    assert_int_equal(counts.malformed, 1);
    assert_true(counts.ended);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_samples),
        cmocka_unit_test(test_malformed_lines_are_counted_and_the_rest_is_told),
        cmocka_unit_test(test_more_labels_than_anybody_gives_are_malformed),
        cmocka_unit_test(test_counts),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
