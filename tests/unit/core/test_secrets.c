/* Secrets are struck out in whatever encoding they come back. */
#include "core/secrets.h"

#include <stdio.h>
#include <string.h>

#include "core/memory.h"
#include "support.h"

static void strike(const char *secret, char *bytes)
{
    struct secrets *secrets = secrets_new();

    secrets_add(secrets, secret);
    secrets_strike(secrets, bytes, strlen(bytes));
    secrets_free(secrets);
}

struct strike_case {
    const char *name, *secret, *bytes, *text;
};

static void expect_struck(const struct strike_case *cases, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        char bytes[160];

        snprintf(bytes, sizeof bytes, "%s", cases[i].bytes);
        strike(cases[i].secret, bytes);
        expect_text(cases[i].name, bytes, cases[i].text);
    }
}

static void test_a_secret_is_struck_out_as_it_stands(void **state)
{
    static const struct strike_case cases[] = {
        {"in the middle", "secret78", "a secret78 b", "a ******** b"},
        {"again and again", "secret78", "secret78secret78 secret78", "**************** ********"},
        {"inside a word", "secret78", "xsecret78x", "x********x"},
        {"cut off by the end", "secret78", "a secr", "a ****"},
        {"all but its last", "secret78", "secret7", "*******"},
        {"too little of it", "secret78", "a sec", "a sec"},
        {"not there", "secret78", "nothing", "nothing"},
        {"empty", "secret78", "", ""},
        {"none", NULL, "a", "a"},
        {"an empty one", "", "a", "a"},
        {"over itself", "ababababa", "ababababababa", "*********baba"},
        {"seven letters inside a word", "secret7", "xsecret7 secret7x", "xsecret7 secret7x"},
        {"seven letters as a word", "secret7", "'secret7', secret7", "'*******', *******"},
        {"seven letters beside others", "secret7", "_secret7 secret7_", "_secret7 secret7_"},
        {"seven letters cut off", "secret7", "a secre", "a *****"},
        {"seven letters cut off in a word", "secret7", "a xsecre", "a xsecre"},
        {"four letters", "abcd", "abcd abcde", "**** abcde"},
        {"three letters", "the", "the server", "the server"},
        {"one letter", "e", "the e server", "the e server"},
        {"blanks and quotes around it", " 'secret78' ", "a secret78 b", "a ******** b"},
        {"behind a scheme", "Bearer secret78", "a secret78 b", "a ******** b"},
        {"a sentence has no second word", "machine learning group", "a learning b", "a learning b"},
        {"with a blank, in a form", "a long secret", "x=a+long+secret", "x=*************"},
        {"its beginning of sixteen", "0123456789abcdefGHIJ", "0123456789abcdef: cut",
         "****************: cut"},
        {"its beginning of eighteen", "0123456789abcdefGHIJ", "(0123456789abcdefGH)",
         "(******************)"},
        {"its beginning of fifteen", "0123456789abcdefGHIJ", "0123456789abcde: cut",
         "0123456789abcde: cut"},
    };

    (void)state;
    expect_struck(cases, COUNT_OF(cases));
}

static void test_a_secret_is_struck_out_behind_escapes(void **state)
{
    static const struct strike_case cases[] = {
        {"a slash of JSON", "key/12345", "\"key\\/12345\"", "\"**********\""},
        {"a code of JSON", "key/12345", "\"k\\u0065y\\u002F12345\"", "\"*******************\""},
        {"all codes", "abcdefgh", "\\u0061\\u0062\\u0063\\u0064\\u0065\\u0066\\u0067\\u0068.",
         "************************************************."},
        {"JSON in JSON", "key/12345", "\"{\\\"k\\\":\\\"key\\\\/12345\\\"}\"",
         "\"{\\\"k\\\":\\\"***********\\\"}\""},
        {"JSON in JSON in JSON", "key/12345", "key\\\\\\\\\\/12345", "**************"},
        {"of C", "abcdefgh", "\\x61bcdefg\\x68", "**************"},
        {"a percent of a URL", "key/12345", "?k=key%2F12345&b", "?k=***********&b"},
        {"percent, small", "key/12345", "?k=key%2f12345", "?k=***********"},
        {"percent twice", "key/12345", "?k=key%252F12345", "?k=*************"},
        {"an entity by name", "key&12345", "<b>key&amp;12345</b>", "<b>*************</b>"},
        {"an entity by number", "key&12345", "key&#38;1&#x32;345", "******************"},
        {"a percent sign of its own", "50%25more", "a 50%25more", "a *********"},
        {"a letter of UTF-8", "schl\xc3\xbcssel", "schl\\u00fcssel", "**************"},
        {"four letters as a word", "a/bc", "'a\\/bc' 'xa\\/bc'", "'*****' 'xa\\/bc'"},
        {"a word behind a line", "abcdef", "x\\nabcdef y", "x\\n****** y"},
        {"cut off within an escape", "key/12345", "a key/1234\\u00", "a ************"},
        {"cut off behind an escape", "key/12345", "a key\\/1", "a ******"},
        {"cut off within an entity", "key/12345", "a key&#4", "a key&#4"},
        {"no escape", "key/12345", "100 % & \\q &x; %zz \\u00zz", "100 % & \\q &x; %zz \\u00zz"},
    };

    (void)state;
    expect_struck(cases, COUNT_OF(cases));
}

static void test_a_secret_is_struck_out_in_other_alphabets(void **state)
{
    static const struct strike_case cases[] = {
        /* base64 of "secret-key?>", of "Bearer secret-key?>" and of "xxsecret-key?>" */
        {"base64", "secret-key?>", "a c2VjcmV0LWtleT8+ b", "a **************** b"},
        {"base64 for URLs", "secret-key?>", "a c2VjcmV0LWtleT8- b", "a **************** b"},
        {"behind Bearer", "secret-key?>",
         "QmVhcmVyIHNlY3JldC1rZXk/Pg==", "QmVhcmVyI*****************=="},
        {"behind two bytes", "secret-key?>", "eHhzZWNyZXQta2V5Pz4=", "eH*****************="},
        {"base64 behind an escape", "secret-key?>",
         "QmVhcmVyIHNlY3JldC1rZXk\\/Pg==", "QmVhcmVyI******************=="},
        {"base64, cut off", "secret-key?>", "a c2VjcmV0", "a ********"},
        {"hexadecimal", "secret-key", "<7365637265742d6b6579>", "<********************>"},
        {"hexadecimal, large", "secret-key", "<7365637265742D6B6579>", "<********************>"},
        {"short, base64", "abcde", "x YWJjZGU= YWJjZGUx", "x *******= YWJjZGUx"},
        {"short, behind Bearer", "abcde", "QmVhcmVyIGFiY2Rl", "****************"},
    };

    (void)state;
    expect_struck(cases, COUNT_OF(cases));
}

/* Whatever stands before it, no six letters of its base64 are left. */
static void test_base64_leaves_nothing_at_any_offset(void **state)
{
    static const char secret[] = "sk-0123456789+/ABCDEF";

    (void)state;
    for (int before = 0; before < 7; before++) {
        struct text plain = {0}, coded = {0}, again = {0};

        text_add(&plain, "user:x:", (size_t)before);
        text_add_string(&plain, secret);
        text_add_string(&plain, "!tail");
        text_add_base64(&coded, plain.bytes, plain.length);
        text_add(&again, coded.bytes, coded.length);
        strike(secret, coded.bytes);
        expect_number("its length", strlen(coded.bytes), again.length);
        for (size_t at = 8 * (size_t)before / 6; at < 8 * ((size_t)before + strlen(secret)) / 6;
             at++)
            expect_number("a letter", coded.bytes[at], '*');
        text_clear(&plain);
        text_clear(&coded);
        text_clear(&again);
    }
}

static void test_none_strikes_nothing(void **state)
{
    char bytes[] = "secret78";

    (void)state;
    secrets_strike(NULL, bytes, strlen(bytes));
    expect_text("none", bytes, "secret78");
    secrets_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_secret_is_struck_out_as_it_stands),
        cmocka_unit_test(test_a_secret_is_struck_out_behind_escapes),
        cmocka_unit_test(test_a_secret_is_struck_out_in_other_alphabets),
        cmocka_unit_test(test_base64_leaves_nothing_at_any_offset),
        cmocka_unit_test(test_none_strikes_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
