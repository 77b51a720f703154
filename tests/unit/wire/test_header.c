/* Headers of a response's head. */
#include "wire/header.h"

#include "support.h"

static void test_which_content_encodings_pack_a_body(void **state)
{
    static const struct {
        const char *encoding;
        bool packs;
    } cases[] = {
        {"", false},
        {"identity", false},
        {"IDENTITY", false},
        {"none", false},
        {"utf-8", false},
        {"UTF-8", false},
        {"chunked", false},
        {"gzipped", false},
        {"gzip", true},
        {"GZip", true},
        {"x-gzip", true},
        {"br", true},
        {"deflate", true},
        {"zstd", true},
        {"compress", true},
        {"identity, gzip", true},
        {"utf-8,none", false},
        {"gzip,br", true},
        {" , identity ,", false},
        {"brotli", false},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        expect_true(cases[i].encoding, header_names_packing(cases[i].encoding) == cases[i].packs);
}

static void test_which_transfer_codings_are_named(void **state)
{
    static const struct {
        const char *line, *coding; /* NULL: none but chunked */
    } cases[] = {
        {"Transfer-Encoding: chunked\r\n", NULL},
        {"transfer-encoding:Chunked\r\n", NULL},
        {"Transfer-Encoding: identity\r\n", NULL},
        {"Transfer-Encoding: , identity ,\tchunked\r\n", NULL},
        {"Transfer-Encoding:\r\n", NULL},
        {"Transfer-Encoding: gzip, chunked\r\n", "gzip, chunked"},
        {"TRANSFER-ENCODING: chunked,gzip", "chunked,gzip"},
        {"Transfer-Encoding: x-gzip\r\n", "x-gzip"},
        {"Transfer-Encoding: deflate\r\n", "deflate"},
        {"Transfer-Encoding: zstd \r\n", "zstd"},
        {"Transfer-Encoding: chunke\r\n", "chunke"},
        {"Transfer-Encoding: chunked chunkedd\r\n", "chunked chunkedd"},
        {"Transfer-Encoding: identity, identity, identity, identity, br\r\n",
         "identity, identity, identity, i"},
        {"Content-Encoding: gzip\r\n", NULL},
        {"X-Transfer-Encoding: gzip\r\n", NULL},
        {"Transfer-Encodings: gzip\r\n", NULL},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char coding[32] = "";
        bool names = header_names_transfer_coding(cases[i].line, strlen(cases[i].line), coding,
                                                  sizeof coding);

        expect_true(cases[i].line, names == (cases[i].coding != NULL));
        assert_string_equal(coding, cases[i].coding ? cases[i].coding : "");
    }
}

static void test_what_begins_a_head(void **state)
{
    static const struct {
        const char *line;
        bool begins;
    } cases[] = {
        {"HTTP/1.1 200 OK\r\n", true},
        {"HTTP/2 103 \r\n", true},
        {"HTTP/1.0 500\r\n", true},
        {"HTTP-Version: 1\r\n", false},
        {"X-HTTP/1.1 200\r\n", false},
        {"\r\n", false},
        {"HTTP/", false},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        expect_true(cases[i].line,
                    header_begins_head(cases[i].line, strlen(cases[i].line)) == cases[i].begins);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_which_content_encodings_pack_a_body),
        cmocka_unit_test(test_which_transfer_codings_are_named),
        cmocka_unit_test(test_what_begins_a_head),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
