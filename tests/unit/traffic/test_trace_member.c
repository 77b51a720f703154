/* Which of a trace's requests are a member's. */
#include "traffic/trace_member.h"

#include <unistd.h>

#include "support.h"

static const char text[] = "Timestamp,Model,Request tokens,Response tokens,Total tokens,Log Type\n"
                           "0.1,x,10,1,0,-\n"
                           "0.2,y,11,1,0,-\n"
                           "0.3,x,90,11,0,-\n"
                           "0.4,z,13,1,0,-\n"
                           "0.5,x,90,10,0,-\n"
                           "0.6,w,14,0,0,-\n";

static const struct trace_mapping mapping[] = {{"x", "a"}, {"*", "b"}, {"z", "a"}};

static void write_file(char *path, const char *bytes)
{
    int file = mkstemp(path);

    assert_true(file >= 0);
    assert_int_equal(write(file, bytes, strlen(bytes)), (ssize_t)strlen(bytes));
    close(file);
}

static void test_a_member_has_what_maps_to_its_model_and_fits(void **state)
{
    static const struct {
        const char *name, *model;
        int64_t context, input[4];
        size_t count, too_long;
    } cases[] = {
        {"two names", "a", 0, {10, 90, 13, 90}, 4, 0},
        {"all others", "b", 0, {11}, 1, 0},
        {"to the context, and no more", "a", 100, {10, 13, 90}, 3, 1},
        {"nothing fits", "b", 5, {0}, 0, 1},
        {"no name leads there", "c", 0, {0}, 0, 0},
    };
    char path[] = "/tmp/test_trace_member.XXXXXX";

    (void)state;
    write_file(path, text);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const struct trace_asked asked = {.path = path,
                                          .mapping = mapping,
                                          .mappings = COUNT_OF(mapping),
                                          .model = cases[i].model,
                                          .context = cases[i].context};
        struct trace_member member;
        struct trace_request request;
        struct error error;
        size_t count = 0;

        assert_true(trace_member_open(&member, &asked, &error));
        while (trace_member_next(&member, &request, &error) == TRACE_REQUEST) {
            expect_true(cases[i].name,
                        count < cases[i].count && request.input_tokens == cases[i].input[count]);
            count++;
        }
        expect_number(cases[i].name, (double)count, (double)cases[i].count);
        expect_number(cases[i].name, (double)member.too_long, (double)cases[i].too_long);
        trace_member_close(&member);
    }
    unlink(path);
}

static void test_requests_that_name_no_model_are_the_others(void **state)
{
    char path[] = "/tmp/test_trace_member.XXXXXX";
    struct trace_asked asked = {.path = path, .mapping = mapping, .mappings = 2, .model = "b"};
    struct trace_member member;
    struct trace_request request;
    struct error error;

    (void)state;
    write_file(path, "TIMESTAMP,ContextTokens,GeneratedTokens\n2023-01-01 00:00:00.5,9,9\n");
    assert_true(trace_member_open(&member, &asked, &error));
    assert_int_equal(trace_member_next(&member, &request, &error), TRACE_REQUEST);
    assert_int_equal(trace_member_next(&member, &request, &error), TRACE_END);
    trace_member_close(&member);
    asked.model = "a";
    assert_true(trace_member_open(&member, &asked, &error));
    assert_int_equal(trace_member_next(&member, &request, &error), TRACE_END);
    trace_member_close(&member);
    unlink(path);
    assert_false(trace_member_open(&member, &asked, &error));
    trace_member_close(&member);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_member_has_what_maps_to_its_model_and_fits),
        cmocka_unit_test(test_requests_that_name_no_model_are_the_others),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
