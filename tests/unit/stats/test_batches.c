/* At which batch sizes requests ran (formats.md, section 8). */
#include "stats/batches.h"

#include "records.h"
#include "store/frequency.h"
#include "support.h"

enum { MOST = 12 };

struct one {
    int64_t done_ms;
    double server_ttft, batch_size;
    bool failed;
};

static const struct {
    const char *name;
    struct one request[MOST];
    size_t count;
    const char *table;
    double representative;
    bool from_server;
} cases[] = {
    {"each alone", {{1, 0.1, NAN, 0}, {2, 0.2, NAN, 0}, {3, 0.3, NAN, 0}}, 3, "{1: 3}", 1, false},
    {"three at once are a batch of 4",
     {{1, 0.1, NAN, 0}, {2, 0.2, NAN, 0}, {3, 0.2, NAN, 0}, {4, 0.2, NAN, 0}},
     4,
     "{1: 1, 4: 3}",
     4,
     false},
    {"by end time, not by start",
     {{4, 0.2, NAN, 0}, {1, 0.1, NAN, 0}, {3, 0.2, NAN, 0}, {2, 0.1, NAN, 0}},
     4,
     "{2: 4}",
     2,
     false},
    {"the same TTFT apart is two batches",
     {{1, 0.1, NAN, 0}, {2, 0.2, NAN, 0}, {3, 0.1, NAN, 0}},
     3,
     "{1: 3}",
     1,
     false},
    {"exactly half is not more than half",
     {{1, 0.1, NAN, 0}, {2, 0.1, NAN, 0}, {3, 0.2, NAN, 0}, {4, 0.3, NAN, 0}},
     4,
     "{1: 2, 2: 2}",
     NAN,
     false},
    {"failed requests ran in none",
     {{1, 0.1, NAN, 0}, {2, 0.1, NAN, 1}, {3, 0.2, NAN, 0}},
     3,
     "{1: 2}",
     1,
     false},
    {"a completed one without TTFT counts among the requests",
     {{1, 0.1, NAN, 0}, {2, NAN, NAN, 0}},
     2,
     "{1: 1}",
     NAN,
     false},
    {"what the server says is the truth",
     {{1, 0.1, 16, 0}, {2, 0.1, 1, 0}, {3, 0.1, 16, 0}, {4, 0.1, 6, 0}, {5, 0.1, 16, 0}},
     5,
     "{1: 1, 6: 1, 16: 3}",
     16,
     true},
    {"unless it does not say it of each",
     {{1, 0.1, 16, 0}, {2, 0.1, NAN, 0}},
     2,
     "{2: 2}",
     2,
     false},
    {"a failed one need not say it", {{1, 0.1, 16, 0}, {2, 0.1, NAN, 1}}, 2, "{16: 1}", 16, true},
    {"none completed", {{1, NAN, NAN, 1}}, 1, "{}", NAN, false},
    {"none", {{0, 0, 0, 0}}, 0, "{}", NAN, false},
};

static void test_batch_sizes(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct outcome outcomes[MOST];
        struct step step = {0};
        struct text table = {0};

        for (size_t k = 0; k < cases[i].count; k++) {
            const struct one *one = &cases[i].request[k];

            outcomes[k] = outcome_of(0.5, one->server_ttft, 0, one->done_ms);
            outcomes[k].figures.value[METRIC_BATCH_SIZE_USED] = one->batch_size;
            outcomes[k].end = one->failed ? REQUEST_TRUNCATED : REQUEST_COMPLETED;
            step.completed += !one->failed;
        }
        batches_count(outcomes, cases[i].count, &step);
        frequency_add_batches(&step, &table);
        expect_text(cases[i].name, table.bytes, cases[i].table);
        expect_number(cases[i].name, step.representative_batch_size, cases[i].representative);
        expect_true(cases[i].name, step.batches_from_server == cases[i].from_server);
        text_clear(&table);
        step_clear(&step);
    }
}

static void test_a_batch_of_33_needs_a_place_for_64(void **state)
{
    struct outcome outcomes[33];
    struct step step = {.completed = 33};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(outcomes); i++)
        outcomes[i] = outcome_of(0.5, 0.25, 0, (int64_t)i);
    batches_count(outcomes, COUNT_OF(outcomes), &step);
    assert_int_equal(step.batches, 1);
    assert_true(step.batch[0].size == 64 && step.batch[0].requests == 33);
    step_clear(&step);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_batch_sizes),
        cmocka_unit_test(test_a_batch_of_33_needs_a_place_for_64),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
