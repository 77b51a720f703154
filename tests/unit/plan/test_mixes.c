/* Which rows run together, and what no mix may be. */
#include "plan/mixes.h"

#include "support.h"

#define HEAD                                                                                       \
    "model_name,input_tokens,output_tokens,num_requests,concurrent_requests,qps,warmup,mix\n"

static void test_what_no_mix_may_be_is_a_fault(void **state)
{
    static const struct {
        const char *name, *csv, *fault; /* NULL: none */
    } cases[] = {
        {"open loop", HEAD "a,1,2,3,,1,,x\nb,1,2,3,,2,,x\n", NULL},
        {"closed loop", HEAD "a,1,2,3,4,,,x\nb,1,2,3,1,,,\nc,1,2,3,2,,,x\n", NULL},
        {"one member", HEAD "a,1,2,3,4,,,x\n", NULL},
        {"two mixes", HEAD "a,1,2,3,4,,,x\nb,1,2,3,,1,,y\n", NULL},
        {"empty cells", HEAD "a,1,2,3,4,,,NA\nb,1,2,3,,1,,\n", NULL},
        {"a comma in its name", HEAD "a,1,2,3,4,,,\"x, y\"\n", NULL},
        {"open and closed", HEAD "a,1,2,3,4,,,x\nb,1,2,3,1,,,\nc,1,2,3,,2,,x\n",
         "a.csv:4: mix: line 2 of mix 'x' sends by concurrent_requests, and this row by qps; give "
         "all members qps, or all concurrent_requests"},
        {"a warm-up row", HEAD "a,1,2,3,4,,true,x\nb,1,2,3,1,,,x\n",
         "a.csv:2: mix: a warm-up row runs alone; leave 'warmup' empty, or take the row out of mix "
         "'x' (warmup_requests warms up its members)"},
        {"a name that tools take for a summary", HEAD "a,1,2,3,4,,,my Summary\n",
         "a.csv:2: mix: 'my Summary' is not a name of up to 80 bytes of UTF-8 without 'summary' "
         "and "
         "'individual_responses', since it stands in a file's name"},
        {"or for responses", HEAD "a,1,2,3,4,,,individual_responses\n",
         "a.csv:2: mix: 'individual_responses' is not a name of up to 80 bytes of UTF-8 without "
         "'summary' and 'individual_responses', since it stands in a file's name"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct rows rows = {0};
        struct faults faults = {0}, warnings = {0};
        const char *wanted = cases[i].fault;

        rows_parse(cases[i].csv, strlen(cases[i].csv), "a.csv", &rows, &faults, &warnings);
        expect_true(cases[i].name, faults.count == (wanted != NULL) && warnings.count == 0);
        if (wanted && strcmp(faults.text[0], wanted) != 0)
            fail_msg("%s: %s", cases[i].name, faults.text[0]);
        rows_clear(&rows);
        faults_clear(&faults);
        faults_clear(&warnings);
    }
}

static void test_members_are_found_wherever_they_stand(void **state)
{
    static const char csv[] = HEAD "a,1,2,3,4,,,x\nb,1,2,3,4,,,\nc,1,2,3,4,,,y\nd,1,2,3,4,,,x\n"
                                   "e,1,2,3,4,,,X\nf,1,2,3,4,,,x\n";
    static const size_t members[] = {3, 1, 1, 0, 1, 0}, next[] = {3, 6, 6, 5, 6, 6};
    struct rows rows = {0};
    struct faults faults = {0}, warnings = {0};
    struct mixes mixes;

    (void)state;
    assert_true(rows_parse(csv, strlen(csv), "a.csv", &rows, &faults, &warnings));
    mixes_find(&rows, &mixes);
    for (size_t i = 0; i < COUNT_OF(members); i++) {
        assert_int_equal(mixes.members[i], members[i]);
        assert_int_equal(mixes.next[i], next[i]);
    }
    mixes_clear(&mixes);
    rows_clear(&rows);
}

#define SHARED "model_name,input_tokens,output_tokens,num_requests,concurrent_requests,mix,share\n"

static void test_what_the_first_row_has_is_everyones(void **state)
{
    static const char csv[] =
        SHARED "a,1,2,90,4,x,6\nb,1,2,7,3,,\nc,1,2,,,x,3\nd,1,2,NA,,x,0.001\n";
    static const int64_t requests[] = {60, 7, 30, 1}, places[] = {4, 3, 4, 4};
    struct rows rows = {0};
    struct faults faults = {0}, warnings = {0};

    (void)state;
    assert_true(rows_parse(csv, strlen(csv), "a.csv", &rows, &faults, &warnings));
    for (size_t i = 0; i < rows.count; i++) {
        assert_int_equal(rows.row[i].num_requests, requests[i]);
        assert_int_equal(rows.row[i].concurrent_requests, places[i]);
        assert_int_equal(rows.row[i].mix_requests, i == 1 ? 0 : 90);
    }
    expect_number("share", rows.row[0].share, 6 / 9.001);
    assert_true(rows.row[1].share == 0);
    rows_clear(&rows);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_no_mix_may_be_is_a_fault),
        cmocka_unit_test(test_members_are_found_wherever_they_stand),
        cmocka_unit_test(test_what_the_first_row_has_is_everyones),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
