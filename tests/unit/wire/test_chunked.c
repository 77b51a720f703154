/* Bodies in chunks: which heads announce them, and where a chunk ends. */
#include "wire/chunked.h"

#include "support.h"

#define OK     "HTTP/1.1 200 OK\r\n"
#define CODING "Transfer-Encoding: chunked\r\n"

static void test_which_heads_announce_chunks_and_nothing_else(void **state)
{
    static const struct {
        const char *head;
        bool does;
    } cases[] = {
        {OK CODING "\r\n", true},
        {OK "Content-Type: text/event-stream\r\ntransfer-encoding:  Chunked \r\n\r\n", true},
        {"HTTP/1.1 201 Created\r\n" CODING "\r\n", true},
        {"HTTP/1.1 203 Not Mine\r\n" CODING "Connection: close\r\n\r\n", true},
        {OK "\r\n", false},
        {OK CODING, false},
        {OK CODING "\r", false},
        {OK CODING "\n", false},
        {"HTTP/1.1 200 OK\n" CODING "\r\n", false},
        {OK "Transfer-Encoding: chunked\n\r\n", false},
        {OK CODING CODING "\r\n", false},
        {OK CODING "Content-Length: 5\r\n\r\n", false},
        {OK CODING " more\r\n\r\n", false},
        {OK "Transfer-Encoding: gzip, chunked\r\n\r\n", false},
        {OK "Transfer-Encoding: chunked, chunked, chunked\r\n\r\n", false},
        {OK "Transfer-Encoding : chunked\r\n\r\n", false},
        {"HTTP/1.0 200 OK\r\n" CODING "\r\n", false},
        {"HTTP/1.1 103 Early Hints\r\n" CODING "\r\n", false},
        {"HTTP/1.1 404 Not Found\r\n" CODING "\r\n", false},
        {"HTTP/1.1 2000 OK\r\n" CODING "\r\n", false},
        {"TTP/1.1 200 OK\r\n" CODING "\r\n", false},
        {"", false},
    };
    char with_body[256];

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        size_t length = strlen(cases[i].head);

        expect_true(cases[i].head,
                    chunked_head(cases[i].head, length) == (cases[i].does ? length : 0));
        snprintf(with_body, sizeof with_body, "%s1\r\na\r\n", cases[i].head);
        expect_true(with_body,
                    !cases[i].does || chunked_head(with_body, strlen(with_body)) == length);
    }
}

static void test_how_many_whole_chunks_bytes_are(void **state)
{
    static const struct {
        const char *bytes;
        size_t count, data; /* the data of all, as chunked_pass counts it */
    } cases[] = {
        {"1\r\na\r\n", 1, 1},
        {"0001\r\na\r\n", 1, 1},
        {"B\r\ndata: {}\n\nx\r\n", 1, 11},
        {"1\r\na\r\n2\r\nbc\r\n", 2, 3},
        {"2\r\n\r\n\r\n", 1, 2},
        {"", 0, 0},
        {"0\r\n\r\n", 0, 0},
        {"1\r\na\r\n0\r\n\r\n", 0, 0},
        {"1\r\na\r", 0, 0},
        {"1\r\na\r\n2", 0, 0},
        {"1;x=y\r\na\r\n", 0, 0},
        {"1 \r\na\r\n", 0, 0},
        {"1\na\n", 0, 0},
        {"1\r\nab\r\n", 0, 0},
        {"g\r\na\r\n", 0, 0},
        {"00000001\r\na\r\n", 0, 0},
        {"ffffffffffffffff\r\na\r\n", 0, 0},
        {"\r\n\r\n", 0, 0},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct chunked chunked = {0};
        size_t length = strlen(cases[i].bytes), data = 0;

        expect_true(cases[i].bytes, chunked_count(cases[i].bytes, length) == cases[i].count);
        if (cases[i].count == 0)
            continue;
        expect_true(cases[i].bytes, chunked_pass(&chunked, cases[i].bytes, length, &data));
        expect_true(cases[i].bytes, chunked_is_between(&chunked) && data == cases[i].data);
    }
}

static void test_chunks_in_parts_are_passed_as_whole_ones_are(void **state)
{
    static const char body[] = "1\r\na\r\n10\r\n0123456789abcde\n\r\n3\r\n\r\n\n\r\n";
    size_t whole = sizeof body - 1;

    (void)state;
    for (size_t cut = 0; cut <= whole; cut++) {
        struct chunked chunked = {0};
        size_t data = 0;

        assert_true(chunked_pass(&chunked, body, cut, &data));
        assert_int_equal(chunked_is_between(&chunked), cut == 0 || chunked_count(body, cut) > 0);
        assert_true(chunked_pass(&chunked, body + cut, whole - cut, &data));
        assert_true(chunked_is_between(&chunked));
        assert_int_equal(data, 20);
    }
}

static void test_what_is_no_chunk_is_not_passed(void **state)
{
    static const char *const cases[] = {
        "0\r\n\r\n", "1\r\na\r\n0\r\n", "1;x\r\n", "1\n", "1\ra",        "1\r\na\n",
        "1\r\na\rb", "00000001",        "\r\n",    "x",   "1\r\nab\r\n", "-1\r\na\r\n"};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct chunked chunked = {0};
        size_t data = 0;

        expect_true(cases[i], !chunked_pass(&chunked, cases[i], strlen(cases[i]), &data));
    }
}

/* Takes all of it by pieces of `read` bytes; the data is joined. Returns how many bytes were taken
 * before one that is not read. */
static size_t take_all(struct chunked *chunked, const char *bytes, size_t length, size_t read,
                       char *joined)
{
    size_t at = 0, sum = 0;

    while (at < length) {
        size_t some = length - at < read ? length - at : read, data_length;
        const char *data;
        size_t taken = chunked_take(chunked, bytes + at, some, &data, &data_length);

        assert_true(taken <= some && data_length <= taken);
        if (data_length > 0)
            memcpy(joined + sum, data, data_length);
        sum += data_length;
        at += taken;
        if (data_length == 0 && taken < some)
            break;
    }
    joined[sum] = '\0';
    return at;
}

static void test_data_is_taken_up_to_what_is_not_read_here(void **state)
{
    static const struct {
        const char *bytes, *data, *rest;
    } cases[] = {
        {"1\r\na\r\n10\r\n0123456789abcdef\r\n", "a0123456789abcdef", ""},
        {"3\r\n\r\n\n\r\n", "\r\n\n", ""},
        {"1\r\na\r\n0\r\n\r\n", "a", "\r\n\r\n"},
        {"1\r\na\r\n2;x\r\nbc\r\n", "a", ";x\r\nbc\r\n"},
        {"1\na\n", "", "\na\n"},
        {"1\ra", "", "a"},
        {"1\r\nab\r\n", "a", "b\r\n"},
        {"1\r\na\rb", "a", "b"},
        {"x", "", "x"},
        {"00000001\r\na\r\n", "", "1\r\na\r\n"},
        {"5\r\nab", "ab", ""},
        {"", "", ""},
    };
    char joined[64];

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        size_t length = strlen(cases[i].bytes);

        for (size_t read = 1; read <= length + 1; read++) {
            struct chunked chunked = {0};
            size_t taken = take_all(&chunked, cases[i].bytes, length, read, joined);

            expect_text(cases[i].bytes, joined, cases[i].data);
            expect_text(cases[i].bytes, cases[i].bytes + taken, cases[i].rest);
        }
    }
}

static void test_a_prefix_brings_another_reader_as_far(void **state)
{
    static const char body[] = "1\r\na\r\n0010\r\n0123456789abcdef\r\n0";
    char prefix[CHUNKED_PREFIX_MOST], joined[64];

    (void)state;
    for (size_t cut = 0; cut < sizeof body; cut++) {
        struct chunked reader = {0}, other = {0};
        size_t had, heard = 0, length;

        assert_int_equal(take_all(&reader, body, cut, cut + 1, joined), cut);
        length = chunked_prefix(&reader, prefix, &had);
        assert_true(chunked_pass(&other, prefix, length, &heard));
        assert_int_equal(heard, had);
        assert_int_equal(other.step, reader.step);
        assert_int_equal(other.left, reader.left);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_which_heads_announce_chunks_and_nothing_else),
        cmocka_unit_test(test_how_many_whole_chunks_bytes_are),
        cmocka_unit_test(test_chunks_in_parts_are_passed_as_whole_ones_are),
        cmocka_unit_test(test_what_is_no_chunk_is_not_passed),
        cmocka_unit_test(test_data_is_taken_up_to_what_is_not_read_here),
        cmocka_unit_test(test_a_prefix_brings_another_reader_as_far),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
