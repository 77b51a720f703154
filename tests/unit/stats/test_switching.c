/* The documented rule for the switching time (formats.md, section 9). */
#include "stats/switching.h"

#include "records.h"
#include "support.h"

enum { MOST = 6 };

/* NAN as a TTFT: not known. A negative one: the request failed, with this TTFT's size. */
static const struct {
    const char *name;
    size_t count;
    double server[MOST], client[MOST];
    enum switching_verdict verdict;
    double time_s;
    bool from_server;
} cases[] = {
    {"clear switch",
     5,
     {1.0, 0.1, 0.1, 0.12, 0.08},
     {1.1, 0.2, 0.2, 0.2, 0.2},
     SWITCHING_FOUND,
     0.9,
     true},
    /* The others' sample deviation is 0.01633, thrice that 0.04899; divided by n it would be
     * 0.04243. */
    {"above thrice n's deviation, below thrice n − 1's",
     5,
     {0.145, 0.1, 0.1, 0.12, 0.08},
     {NAN, NAN, NAN, NAN, NAN},
     SWITCHING_NONE,
     NAN,
     true},
    {"just above",
     5,
     {0.15, 0.1, 0.1, 0.12, 0.08},
     {NAN, NAN, NAN, NAN, NAN},
     SWITCHING_FOUND,
     0.05,
     true},
    /* The kit's code wants first − mean > mean + 3·sd, which would be 0.199 here. */
    {"shorter than one mean TTFT is found too",
     5,
     {0.19, 0.1, 0.1, 0.12, 0.08},
     {NAN, NAN, NAN, NAN, NAN},
     SWITCHING_FOUND,
     0.09,
     true},
    {"faster than the others", 4, {0.1, 0.5, 0.51, 0.49}, {0}, SWITCHING_NONE, NAN, true},
    {"client where one server TTFT is missing",
     4,
     {1.0, 0.1, NAN, 0.1},
     {2.0, 0.25, 0.25, 0.25},
     SWITCHING_FOUND,
     1.75,
     false},
    {"a failed request needs no server TTFT",
     5,
     {1.0, 0.1, NAN, 0.12, 0.08},
     {2.0, 0.2, -0.2, 0.2, 0.2},
     SWITCHING_FOUND,
     0.9,
     true},
    {"a failed request is left out",
     5,
     {1.0, 0.1, 9.0, 0.12, 0.08},
     {2.0, 0.2, -0.2, 0.2, 0.2},
     SWITCHING_FOUND,
     0.9,
     true},
    {"no deviation, excess of 2 µs", 3, {0.100002, 0.1, 0.1}, {0}, SWITCHING_FOUND, 2e-6, true},
    {"no deviation, excess under 1 µs", 3, {0.1000005, 0.1, 0.1}, {0}, SWITCHING_NONE, NAN, true},
    {"no deviation, no excess", 4, {0.1, 0.1, 0.1, 0.1}, {0}, SWITCHING_NONE, NAN, true},
    {"one other request", 2, {5, 0.1}, {5, 0.1}, SWITCHING_TOO_FEW, NAN, true},
    {"one other that completed", 3, {5, 0.1, 0.1}, {5, 0.1, -0.1}, SWITCHING_TOO_FEW, NAN, true},
    {"only one", 1, {5}, {5}, SWITCHING_TOO_FEW, NAN, true},
    {"none", 0, {0}, {0}, SWITCHING_TOO_FEW, NAN, true},
    {"the first failed",
     4,
     {1, 0.1, 0.1, 0.1},
     {-1, 0.1, 0.1, 0.1},
     SWITCHING_FIRST_FAILED,
     NAN,
     true},
};

static void test_the_rule(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct outcome outcomes[MOST];
        struct switching switching;

        for (size_t k = 0; k < cases[i].count; k++) {
            outcomes[k] = outcome_of(fabs(cases[i].client[k]), cases[i].server[k], 0, 1);
            if (cases[i].client[k] < 0)
                outcomes[k].end = REQUEST_TIMEOUT;
        }
        switching = switching_estimate(outcomes, cases[i].count);
        expect_text(cases[i].name, switching_verdict_words[switching.verdict],
                    switching_verdict_words[cases[i].verdict]);
        expect_number(cases[i].name, switching.time_s, cases[i].time_s);
        expect_true(cases[i].name, switching.from_server == cases[i].from_server);
    }
}

/* Requests of one line run one after another, those of the same TTFT in a line at once. */
static void test_the_range_at_the_largest_batch(void **state)
{
    static const struct {
        const char *name;
        size_t count;
        int64_t sent[MOST];
        double server[MOST], size[MOST]; /* size 0: not told */
        bool first_failed;
        double range_s;
    } ranges[] = {
        {"of those that ran as the largest",
         6,
         {0, 1000, 1000, 2000, 3000, 3000},
         {0.9, 0.5, 0.5, 0.1, 0.2, 0.2},
         {0},
         false,
         0.3},
        {"by the server's word",
         4,
         {0, 1000, 2000, 3000},
         {0.9, 0.5, 0.1, 0.2},
         {1, 8, 1, 8},
         false,
         0.3},
        {"one batch has no range", 2, {0, 0}, {0.5, 0.5}, {0}, false, 0},
        {"never none", 3, {0, 1000, 2000}, {0.1, 0.11, 0.12}, {0}, false, 0.02},
        {"failed ones are left out", 3, {0, 1000, 2000}, {0.9, 0.1, 0.3}, {0}, true, 0.2},
        {"of those with a TTFT", 2, {0, 1000}, {NAN, 0.3}, {8, 1}, false, 0},
        {"no TTFT", 2, {0, 1000}, {NAN, NAN}, {8, 8}, false, NAN},
        {"no request", 0, {0}, {0}, {0}, false, NAN},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(ranges); i++) {
        struct outcome outcomes[MOST];

        for (size_t k = 0; k < ranges[i].count; k++) {
            outcomes[k] =
                outcome_of(0.5, ranges[i].server[k], ranges[i].sent[k], ranges[i].sent[k] + 900);
            if (ranges[i].size[k] > 0)
                outcomes[k].figures.value[METRIC_BATCH_SIZE_USED] = ranges[i].size[k];
        }
        if (ranges[i].first_failed)
            outcomes[0].end = REQUEST_TIMEOUT;
        expect_number(ranges[i].name, switching_by_largest_batch(outcomes, ranges[i].count),
                      ranges[i].range_s);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_rule),
        cmocka_unit_test(test_the_range_at_the_largest_batch),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
