/* A CSV file as records with the lines they begin on. */
#include "plan/csv.h"

#include "support.h"

/* The records as "line:cell|cell;line:cell|…;". */
static char *print(const struct csv *csv)
{
    struct text text = {0};

    for (size_t i = 0; i < csv->count; i++) {
        text_printf(&text, "%d:", csv->record[i].line);
        for (size_t k = 0; k < csv->record[i].cells; k++)
            text_printf(&text, "%s%s", k ? "|" : "", csv->record[i].cell[k]);
        text_add_char(&text, ';');
    }
    return text_take(&text);
}

static void test_records_know_their_cells_and_first_lines(void **state)
{
    static const struct {
        const char *name, *bytes, *records;
    } cases[] = {
        {"plain", "a,b\n1,2\n", "1:a|b;2:1|2;"},
        {"no end of line at the end", "a,b\n1,2", "1:a|b;2:1|2;"},
        {"CRLF", "a,b\r\n1,2\r\n", "1:a|b;2:1|2;"},
        {"CR alone", "a,b\r1,2\r\r3,4", "1:a|b;2:1|2;4:3|4;"},
        {"a quoted CR", "\"a\rb\",c\rd,e\n", "1:a\rb|c;3:d|e;"},
        {"LF before CR", "a,b\n\r1,2\n", "1:a|b;3:1|2;"},
        {"byte-order mark",
         "\xef\xbb\xbf"
         "a,b\n1,2\n",
         "1:a|b;2:1|2;"},
        {"byte-order mark and quote", "\xef\xbb\xbf\"a\",b\n", "1:a|b;"},
        {"empty cells", "a,,b,\n,1,\n", "1:a||b|;2:|1|;"},
        {"blank lines", "\n\na,b\n\n \t\n1,2\n\n", "3:a|b;6:1|2;"},
        {"blank lines with CRLF", "\r\na,b\r\n\r\n1,2\r\n", "2:a|b;4:1|2;"},
        {"lines of commas alone", "a,b\n,,,\n1,2\n,\n", "1:a|b;3:1|2;"},
        {"blanks around", " a , b\t\n", "1:a|b;"},
        {"quoted", "\"a,b\",\"say \"\"hi\"\"\",\"\"\n", "1:a,b|say \"hi\"|;"},
        {"quoted blanks stay", "\" a \",b\n", "1: a |b;"},
        {"a quoted newline", "\"a\nb\",c\nd,e\n", "1:a\nb|c;3:d|e;"},
        {"a quoted newline in the last cell", "a,\"b\n\nc\"\nd,e\n", "1:a|b\n\nc;4:d|e;"},
        {"a quoted newline behind blank lines", "x,y\n\n\n\"\na\",c\nd,e\n",
         "1:x|y;4:\na|c;6:d|e;"},
        {"a quoted CRLF", "\"a\r\nb\",c\r\nd,e\r\n", "1:a\r\nb|c;3:d|e;"},
        {"empty", "", ""},
        {"only blank lines", "\n \n,,\n", ""},
        {"semicolons", "a;b\n1;2\n", "1:a|b;2:1|2;"},
        {"tabs", "a\tb\n1\t\n", "1:a|b;2:1|;"},
        {"bars", "a|b|c\n1||3\n", "1:a|b|c;2:1||3;"},
        {"what stands most often", "a,x;b;c\n1;2;3\n", "1:a,x|b|c;2:1|2|3;"},
        {"a separator in quotes is none", "\"a;b;c\",d\n", "1:a;b;c|d;"},
        {"a line that names it", "sep=;\na;b\n1,5;2\n", "2:a|b;3:1,5|2;"},
        {"one in quotes, filled up", "\"sep=,\",,,\r\na,b\r\n", "2:a|b;"},
        {"with a byte-order mark", "\xef\xbb\xbfSEP=|\na|b;c;d\n", "2:a|b;c;d;"},
        {"no such line", "sep=;x\n", "1:sep=|x;"},
        {"UTF-8", "K\xc3\xa4se,\xf0\x9f\x8d\x92\n", "1:K\xc3\xa4se|\xf0\x9f\x8d\x92;"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct csv csv = {0};
        struct error error = {""};
        char *printed;

        if (!csv_read(cases[i].bytes, strlen(cases[i].bytes), "a.csv", &csv, &error))
            fail_msg("%s: %s", cases[i].name, error.text);
        printed = print(&csv);
        expect_text(cases[i].name, printed, cases[i].records);
        free(printed);
        csv_clear(&csv);
    }
}

static void test_what_is_no_csv_is_reported_with_its_line(void **state)
{
    static const struct {
        const char *name, *bytes;
        size_t length;
        const char *sentence;
    } cases[] = {
        {"unclosed quote", "a,b\n1,\"2\n3,4\n", 13, "a.csv:2: a quote that is never closed"},
        {"unclosed on a later line of a record", "a\n\"x\ny\",\"z\nw\n", 13,
         "a.csv:3: a quote that is never closed"},
        {"quote in an unquoted cell", "a,b\n1,2\" disk\n", 14,
         "a.csv:2: a quote inside an unquoted cell, or text behind a closing quote"},
        {"text behind a quote", "a,b\n\n\"1\"x,2\n", 12,
         "a.csv:3: a quote inside an unquoted cell, or text behind a closing quote"},
        {"zero byte", "a,b\n1,\0\n", 8,
         "a.csv:2: a zero byte: this is not a text file; save it as CSV UTF-8"},
        {"UTF-16",
         "\xff\xfe"
         "a\0,\0b\0\n\0",
         10, "a.csv: is UTF-16; save it as CSV UTF-8"},
        {"UTF-16, the other way round",
         "\xfe\xff"
         "\0a\0,\0b\0\n",
         10, "a.csv: is UTF-16; save it as CSV UTF-8"},
        {"UTF-16 without a mark", "a\0,\0b\0\n\0", 8, "a.csv: is UTF-16; save it as CSV UTF-8"},
        {"the same the other way round", "\0a\0,\0b\0\n", 8,
         "a.csv: is UTF-16; save it as CSV UTF-8"},
        {"zero bytes of another kind", "a\0,\0\0\0\n\0", 8,
         "a.csv:1: a zero byte: this is not a text file; save it as CSV UTF-8"},
        {"PNG", "\x89PNG\r\n\x1a\n\0\0\0\rIHDR", 16,
         "a.csv:3: a zero byte: this is not a text file; save it as CSV UTF-8"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct csv csv = {0};
        struct error error = {""};

        expect_true(cases[i].name,
                    !csv_read(cases[i].bytes, cases[i].length, "a.csv", &csv, &error));
        expect_text(cases[i].name, error.text, cases[i].sentence);
        csv_clear(&csv);
    }
}

static void test_ceilings_hold(void **state)
{
    struct csv csv = {0};
    struct error error = {""};
    struct text text = {0};

    (void)state;
    text_add_string(&text, "a\n");
    for (int i = 0; i <= 65536; i++)
        text_add_char(&text, 'x');
    text_add_char(&text, '\n');
    assert_false(csv_read(text.bytes, text.length, "a.csv", &csv, &error));
    assert_string_equal(error.text,
                        "a.csv:2: a cell of more than 64 KiB; a quote may not be closed");
    csv_clear(&csv);
    text_reset(&text);
    for (int i = 0; i <= 1000; i++)
        text_add_string(&text, "x,");
    assert_false(csv_read(text.bytes, text.length, "a.csv", &csv, &error));
    assert_string_equal(error.text, "a.csv:1: more than 1,000 cells in one line");
    csv_clear(&csv);
    text_clear(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_records_know_their_cells_and_first_lines),
        cmocka_unit_test(test_what_is_no_csv_is_reported_with_its_line),
        cmocka_unit_test(test_ceilings_hold),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
