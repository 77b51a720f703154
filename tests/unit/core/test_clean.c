/* What others wrote, cleaned for a terminal and for XML. */
#include "core/clean.h"

#include "support.h"

static void test_what_does_not_belong_is_written_over(void **state)
{
    static const struct {
        const char *name, *bytes, *line, *lines, *xml;
    } cases[] = {
        {"plain", "a b", "a b", "a b", "a b"},
        {"nothing", "", "", "", ""},
        {"escape", "a\x1b[31m", "a_[31m", "a_[31m", "a_[31m"},
        {"a line's end and a tab", "a\n\tb", "a__b", "a\n\tb", "a\n\tb"},
        {"a carriage's return", "a\rb", "a_b", "a_b", "a\rb"},
        {"DEL", "a\x7f", "a_", "a_", "a\x7f"},
        {"C1", "\xc2\x9b\x33", "__3", "__3", "\xc2\x9b\x33"},
        {"the first behind C1", "\xc2\xa0", "\xc2\xa0", "\xc2\xa0", "\xc2\xa0"},
        {"right to left override", "a\xe2\x80\xae", "a___", "a___", "a\xe2\x80\xae"},
        {"left to right mark", "\xe2\x80\x8e", "___", "___", "\xe2\x80\x8e"},
        {"Arabic letter mark", "\xd8\x9c", "__", "__", "\xd8\x9c"},
        {"isolate and its end", "\xe2\x81\xa6\xe2\x81\xa9", "______", "______",
         "\xe2\x81\xa6\xe2\x81\xa9"},
        {"a line's separator", "\xe2\x80\xa8", "___", "___", "\xe2\x80\xa8"},
        {"beside them", "\xe2\x80\xa7\xe2\x80\xaf\xe2\x81\xa5",
         "\xe2\x80\xa7\xe2\x80\xaf\xe2\x81\xa5", "\xe2\x80\xa7\xe2\x80\xaf\xe2\x81\xa5",
         "\xe2\x80\xa7\xe2\x80\xaf\xe2\x81\xa5"},
        {"U+FFFD", "\xef\xbf\xbd", "\xef\xbf\xbd", "\xef\xbf\xbd", "\xef\xbf\xbd"},
        {"U+FFFE", "\xef\xbf\xbe", "\xef\xbf\xbe", "\xef\xbf\xbe", "___"},
        {"U+FFFF", "a\xef\xbf\xbf", "a\xef\xbf\xbf", "a\xef\xbf\xbf", "a___"},
        {"the last", "\xf4\x8f\xbf\xbf", "\xf4\x8f\xbf\xbf", "\xf4\x8f\xbf\xbf",
         "\xf4\x8f\xbf\xbf"},
        {"past the last", "\xf4\x90\x80\x80", "????", "????", "????"},
        {"half of a pair", "\xed\xa0\x80", "???", "???", "???"},
        {"Latin-1", "a\xe4z", "a?z", "a?z", "a?z"},
        {"cut off", "a\xe2\x82", "a??", "a??", "a??"},
        {"too long a form", "\xc0\xaf", "??", "??", "??"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const char *const wanted[] = {[CLEAN_LINE] = cases[i].line,
                                      [CLEAN_LINES] = cases[i].lines,
                                      [CLEAN_XML] = cases[i].xml};
        size_t length = strlen(cases[i].bytes);

        for (size_t where = 0; where < COUNT_OF(wanted); where++) {
            char bytes[32];

            snprintf(bytes, sizeof bytes, "%s", cases[i].bytes);
            clean(bytes, length, (enum clean_for)where, '_');
            expect_text(cases[i].name, bytes, wanted[where]);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_does_not_belong_is_written_over),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
