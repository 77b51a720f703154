/* Dates and times as nanoseconds. */
#include "traffic/trace_moment.h"

#include "support.h"

/* Seconds since 1970 as date(1) gives them. */
static void test_moments_count_from_1970(void **state)
{
    static const struct {
        const char *text;
        int64_t seconds, ns;
    } cases[] = {
        {"1970-01-01 00:00:00", 0, 0},
        {"2000-02-29 23:59:59", 951868799, 0},
        {"2000-03-01 00:00:00", 951868800, 0},
        {"2023-11-16 18:15:46.6805900", 1700158546, 680590000},
        {"2024-12-31T23:59:60Z", 1735689600, 0},
        {"2100-02-28 12:00:00.000000001", 4107499200, 1},
        {"2024-05-10 00:00:00.009930+05:30", 1715279400, 9930000},
        {"2024-05-10 00:00:00-01:00", 1715302800, 0},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        int64_t ns = -1;

        expect_true(cases[i].text, trace_moment_read(cases[i].text, &ns));
        expect_true(cases[i].text, ns == cases[i].seconds * 1000000000 + cases[i].ns);
    }
}

static void test_what_is_no_moment_is_refused(void **state)
{
    static const char *const cases[] = {
        "",
        "2023",
        "2023-11-16",
        "2023-11-16 18:15",
        "2023-13-01 00:00:00",
        "2023-00-01 00:00:00",
        "2023-04-31 00:00:00",
        "1900-01-01 00:00:00",
        "2023-01-01 00:60:00",
        "2023-01-01 00:00:61",
        "2023-01-01  00:00:00",
        "2023-01-01 00:00:00.",
        "2023-01-01 00:00:00.0000000001",
        "2023-01-01 00:00:00+24:00",
        "2023-01-01 00:00:00 ",
        "23-01-01 00:00:00",
        "2100-02-29 00:00:00",
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        int64_t ns = -1;

        expect_true(cases[i], !trace_moment_read(cases[i], &ns) && ns == -1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_moments_count_from_1970),
        cmocka_unit_test(test_what_is_no_moment_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
