/* When a server wants to be asked again. */
#include "wire/retry_after.h"

#include "support.h"

static double seconds_of(const char *head, int64_t wall_s)
{
    struct retry_after after;

    retry_after_begin(&after);
    for (const char *line = head; *line;) {
        const char *end = strchr(line, '\n');
        size_t length = end ? (size_t)(end - line) + 1 : strlen(line);
        char *copy = memory_bytes(line, length);

        memset(copy + length, '#', 1); /* no NUL ends it */
        retry_after_take(&after, copy, length);
        free(copy);
        line += length;
    }
    return retry_after_seconds(&after, wall_s);
}

static void test_what_servers_say(void **state)
{
    static const struct {
        const char *name, *head;
        double wait_s;
    } cases[] = {
        {"nothing", "HTTP/1.1 429 Too Many\r\nServer: x\r\n\r\n", NAN},
        {"seconds", "Retry-After: 7\r\n", 7},
        {"in any letters, without a blank", "rETRY-aFTER:7\r\n", 7},
        {"with blanks", "Retry-After: \t 7.5  \r\n", 7.5},
        {"without a line's end", "Retry-After: 7", 7},
        {"milliseconds", "retry-after-ms: 1250\r\n", 1.25},
        {"both: the exact one", "Retry-After: 2\r\nretry-after-ms: 1250\r\n", 1.25},
        {"a date, by the answer's own",
         "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\nRetry-After: Sun, 06 Nov 1994 08:50:07 GMT\r\n",
         30},
        {"a date, by its own where our clock is an hour ahead",
         "Date: Sun, 06 Nov 1994 07:49:37 GMT\r\nRetry-After: Sun, 06 Nov 1994 07:50:07 GMT\r\n",
         30},
        {"a date, by ours", "Retry-After: Sun, 06 Nov 1994 08:50:07 GMT\r\n", 30},
        {"a date that is past", "Retry-After: Sun, 06 Nov 1994 08:00:00 GMT\r\n", 0},
        {"no date", "Retry-After: soon\r\n", NAN},
        {"below 0", "Retry-After: -1\r\n", NAN},
        {"no number", "Retry-After: nan\r\nretry-after-ms: inf\r\n", NAN},
        {"empty", "Retry-After:\r\n", NAN},
        {"another that begins so", "Retry-After-Never: 5\r\n", NAN},
        {"far too long",
         "Retry-After: 1111111111111111111111111111111111111111111111111111111111111"
         "111111111111111111111111111111\r\n",
         1e63 / 9},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        double got = seconds_of(cases[i].head, 784111777); /* that Date */

        if (cases[i].wait_s > 1e9)
            expect_true(cases[i].name, got > 1e9);
        else
            expect_number(cases[i].name, got, cases[i].wait_s);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_servers_say),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
