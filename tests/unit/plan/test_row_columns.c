/* The columns that shape an open loop: how a row's cells are read together. */
#include "plan/row_columns.h"

#include "plan/rows.h"
#include "support.h"

#define SHAPED                                                                                     \
    "model_name,input_tokens,output_tokens,num_requests,concurrent_requests,qps,qps_distribution," \
    "burstiness,qps_end,qps_ramp,max_in_flight\n"

static void test_shapes_are_read(void **state)
{
    static const struct {
        const char *name, *csv;
        enum row_distribution distribution;
        double burstiness, end;
        enum row_ramp ramp;
        int64_t most;
        const char *warning;
    } cases[] = {
        {"none", SHAPED "m,1,2,3,,4,,,,,\n", ROW_CONSTANT, 0, 0, 0, 0, NULL},
        {"zeros", SHAPED "m,1,2,3,,4,,0,0,,0\n", ROW_CONSTANT, 0, 0, 0, 0, NULL},
        {"bursts", SHAPED "m,1,2,3,,4,,0.5,,,\n", ROW_GAMMA, 0.5, 0, 0, 0, NULL},
        {"by name", SHAPED "m,1,2,3,,4,Gamma,1000,,,\n", ROW_GAMMA, 1000, 0, 0, 0, NULL},
        {"least", SHAPED "m,1,2,3,,4,,0.01,,,\n", ROW_GAMMA, 0.01, 0, 0, 0, NULL},
        {"ramp", SHAPED "m,1,2,3,,4,uniform,,8,,\n", ROW_UNIFORM, 0, 8, ROW_RAMP_LINEAR, 0, NULL},
        {"all", SHAPED "m,1,2,3,,4,,2,1,Exponential,7\n", ROW_GAMMA, 2, 1, ROW_RAMP_EXPONENTIAL, 7,
         NULL},
        {"ramp to nowhere", SHAPED "m,1,2,3,,4,,,,linear,\n", ROW_CONSTANT, 0, 0, 0, 0,
         "a.csv:2: qps_ramp is not used without qps_end"},
        {"closed, bursts", SHAPED "m,1,2,3,5,,,2,,,\n", ROW_CONSTANT, 0, 0, 0, 0,
         "a.csv:2: burstiness is not used without qps"},
        {"closed, ramp", SHAPED "m,1,2,3,5,,,,9,exponential,\n", ROW_CONSTANT, 0, 0, 0, 0,
         "a.csv:2: qps_end is not used without qps"},
        {"closed, ceiling", SHAPED "m,1,2,3,5,,,,,,1\n", ROW_CONSTANT, 0, 0, 0, 0,
         "a.csv:2: max_in_flight is not used without qps"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct faults faults = {0}, warnings = {0};
        struct rows rows = {0};
        const char *csv = cases[i].csv;

        expect_true(cases[i].name,
                    rows_parse(csv, strlen(csv), "a.csv", &rows, &faults, &warnings));
        expect_faults(cases[i].name, &warnings, cases[i].warning);
        expect_true(cases[i].name, rows.row[0].qps_distribution == cases[i].distribution);
        expect_number(cases[i].name, rows.row[0].burstiness, cases[i].burstiness);
        expect_number(cases[i].name, rows.row[0].qps_end, cases[i].end);
        expect_true(cases[i].name, rows.row[0].qps_ramp == cases[i].ramp);
        expect_true(cases[i].name, rows.row[0].max_in_flight == cases[i].most);
        faults_clear(&warnings);
        rows_clear(&rows);
    }
}

static void test_what_is_no_shape_is_a_fault(void **state)
{
    static const struct {
        const char *name, *csv, *part;
    } cases[] = {
        {"too bursty", SHAPED "m,1,2,3,,4,,0.001,,,\n",
         "a.csv:2: burstiness: '0.001' is not a number from 0.01 to 1000"},
        {"too even", SHAPED "m,1,2,3,,4,,1001,,,\n", "burstiness: '1001' is not"},
        {"negative", SHAPED "m,1,2,3,,4,,-1,,,\n", "burstiness: '-1' is not"},
        {"another spacing", SHAPED "m,1,2,3,,4,exponential,1,,,\n",
         "a.csv:2: qps_distribution: 'exponential' is not what burstiness asks for: gamma"},
        {"constant", SHAPED "m,1,2,3,,4,constant,1,,,\n", "'constant' is not what burstiness"},
        {"no shape", SHAPED "m,1,2,3,,4,gamma,,,,\n",
         "a.csv:2: qps_distribution: 'gamma' is not known without burstiness"},
        {"no rate", SHAPED "m,1,2,3,,4,,,fast,,\n", "a.csv:2: qps_end: 'fast' is not a number of"},
        {"too fast", SHAPED "m,1,2,3,,4,,,1e7,,\n", "a.csv:2: qps_end: '1e7' is not"},
        {"no ramp", SHAPED "m,1,2,3,,4,,,5,sudden,\n",
         "a.csv:2: qps_ramp: 'sudden' is not one of linear, exponential"},
        {"no ceiling", SHAPED "m,1,2,3,,4,,,,,1.5\n",
         "a.csv:2: max_in_flight: '1.5' is not a whole number from 1 to 1000000"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct faults faults = {0}, warnings = {0};
        struct rows rows = {0};
        const char *csv = cases[i].csv;

        expect_true(cases[i].name,
                    !rows_parse(csv, strlen(csv), "a.csv", &rows, &faults, &warnings));
        expect_faults(cases[i].name, &faults, cases[i].part);
        faults_clear(&faults);
        faults_clear(&warnings);
        rows_clear(&rows);
    }
}

#define TALKING                                                                                    \
    "model_name,input_tokens,output_tokens,num_requests,concurrent_requests,dataset,"              \
    "prefix_tokens,turns,turn_input_tokens,think_time_s,multimodal_img_size\n"

static void test_sessions_are_read(void **state)
{
    static const struct {
        const char *name, *csv;
        int64_t prefix, turns, input;
        double think_s;
        bool sessions;
        const char *warning;
    } cases[] = {
        {"none of it", TALKING "m,9,2,3,1,,,,,,\n", 0, 0, 0, 0, false, NULL},
        {"all of it", TALKING "m,9,2,3,1,,8,4,5,0.5,\n", 8, 4, 5, 0.5, true, NULL},
        {"later texts as long as the first", TALKING "m,9,2,3,1,,,4,,,\n", 0, 4, 9, 0, true, NULL},
        {"one turn", TALKING "m,9,2,3,1,,,1,,,\n", 0, 1, 0, 0, false, NULL},
        {"a length without turns", TALKING "m,9,2,3,1,,,,5,,\n", 0, 0, 0, 0, false,
         "a.csv:2: turn_input_tokens is not used without turns"},
        {"a pause without turns", TALKING "m,9,2,3,1,,,1,,2,\n", 0, 1, 0, 0, false,
         "a.csv:2: think_time_s is not used without turns"},
        {"a data set may have turns", TALKING "m,,2,3,1,p.jsonl,,,,2,\n", 0, 0, 0, 2, false, NULL},
        {"a data set has the texts", TALKING "m,,2,3,1,p.jsonl,,3,5,,\n", 0, 3, 0, 0, true,
         "a.csv:2: turn_input_tokens is not used with a data set, which has the texts"},
        {"any prefix ahead of a data set", TALKING "m,,2,3,1,p.jsonl,99,,,,\n", 99, 0, 0, 0, false,
         NULL},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct faults faults = {0}, warnings = {0};
        struct rows rows = {0};

        expect_true(cases[i].name, rows_parse(cases[i].csv, strlen(cases[i].csv), "a.csv", &rows,
                                              &faults, &warnings));
        expect_true(cases[i].name, rows.row[0].prefix_tokens == cases[i].prefix &&
                                       rows.row[0].turns == cases[i].turns &&
                                       rows.row[0].turn_input_tokens == cases[i].input);
        expect_number(cases[i].name, rows.row[0].think_time_s, cases[i].think_s);
        expect_true(cases[i].name, row_has_sessions(&rows.row[0]) == cases[i].sessions);
        expect_true(cases[i].name, (warnings.count > 0) == (cases[i].warning != NULL));
        if (cases[i].warning)
            expect_faults(cases[i].name, &warnings, cases[i].warning);
        faults_clear(&faults);
        faults_clear(&warnings);
        rows_clear(&rows);
    }
}

static void test_what_is_no_session_is_a_fault(void **state)
{
    static const struct {
        const char *name, *csv, *part;
    } cases[] = {
        {"a prefix of all", TALKING "m,9,2,3,1,,9,,,,\n",
         "a.csv:2: prefix_tokens: 9 is not below input_tokens (9)"},
        {"many turns", TALKING "m,9,2,3,1,,,1001,,,\n", "turns: '1001' is not a whole number"},
        {"a picture", TALKING "m,9,2,3,1,,,2,,,small\n",
         "a.csv:2: turns: a session has no pictures"},
        {"a pause of no time", TALKING "m,9,2,3,1,,,2,,soon,\n",
         "a.csv:2: think_time_s: 'soon' is not a number of seconds"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct faults faults = {0}, warnings = {0};
        struct rows rows = {0};

        expect_true(cases[i].name, !rows_parse(cases[i].csv, strlen(cases[i].csv), "a.csv", &rows,
                                               &faults, &warnings));
        expect_faults(cases[i].name, &faults, cases[i].part);
        faults_clear(&faults);
        faults_clear(&warnings);
        rows_clear(&rows);
    }
}

/* One that another leans on is read before it. */
static void test_columns_stand_in_the_order_they_need(void **state)
{
    static const struct {
        const char *first, *second;
    } pairs[] = {{"duration_s", "num_requests"},     {"share", "num_requests"},
                 {"trace", "output_tokens"},         {"trace", "trace_speed"},
                 {"burstiness", "qps_distribution"}, {"qps_end", "qps_ramp"}};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(pairs); i++) {
        size_t first = SIZE_MAX, second = SIZE_MAX;

        for (size_t k = 0; k < ROW_COLUMNS; k++) {
            first = strcmp(row_columns[k].name, pairs[i].first) == 0 ? k : first;
            second = strcmp(row_columns[k].name, pairs[i].second) == 0 ? k : second;
        }
        expect_true(pairs[i].first, first < second && second < ROW_COLUMNS);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_shapes_are_read),
        cmocka_unit_test(test_what_is_no_shape_is_a_fault),
        cmocka_unit_test(test_sessions_are_read),
        cmocka_unit_test(test_what_is_no_session_is_a_fault),
        cmocka_unit_test(test_columns_stand_in_the_order_they_need),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
