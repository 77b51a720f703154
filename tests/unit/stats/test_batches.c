/* Which requests ran together, and at which batch sizes (formats.md, section 8). */
#include "stats/batches.h"

#include "records.h"
#include "store/frequency.h"
#include "support.h"

enum { MOST = 12 };

/* Sent and done in ms, when its first token came (0: not known), its server TTFT in s, and the
 * reported size (NAN: none). */
struct one {
    int64_t sent_ms, token_ms, done_ms;
    double server_ttft, batch_size;
    bool failed;
};

static struct outcome outcome_at(const struct one *one)
{
    double client = one->token_ms > 0 ? (double)(one->token_ms - one->sent_ms) / 1000 : NAN;
    struct outcome outcome = outcome_of(client, one->server_ttft, one->sent_ms, one->done_ms);

    outcome.figures.value[METRIC_BATCH_SIZE_USED] = one->batch_size;
    outcome.end = one->failed ? REQUEST_TRUNCATED : REQUEST_COMPLETED;
    return outcome;
}

static const struct {
    const char *name;
    struct one request[MOST];
    size_t count;
    const char *table;
    double representative;
    bool from_server;
} cases[] = {
    {"each its own TTFT",
     {{0, 100, 500, 0.1, NAN, 0}, {0, 200, 500, 0.2, NAN, 0}, {0, 300, 500, 0.3, NAN, 0}},
     3,
     "{1: 3}",
     1,
     false},
    {"three at once are a batch of 4",
     {{0, 100, 500, 0.1, NAN, 0},
      {0, 300, 500, 0.2, NAN, 0},
      {1, 300, 501, 0.2, NAN, 0},
      {2, 301, 502, 0.2, NAN, 0}},
     4,
     "{1: 1, 4: 3}",
     4,
     false},
    {"one after another, of equal TTFTs, are none",
     {{0, 100, 200, 0.1, NAN, 0}, {200, 300, 400, 0.1, NAN, 0}, {401, 500, 600, 0.1, NAN, 0}},
     3,
     "{1: 3}",
     1,
     false},
    {"one millisecond earlier, and they overlapped",
     {{0, 160, 200, 0.1, NAN, 0}, {199, 200, 400, 0.1, NAN, 0}},
     2,
     "{2: 2}",
     2,
     false},
    {"first tokens half a TTFT apart are one",
     {{0, 100, 500, 0.125, NAN, 0}, {0, 162, 500, 0.125, NAN, 0}},
     2,
     "{2: 2}",
     2,
     false},
    {"and further apart, two",
     {{0, 100, 500, 0.125, NAN, 0}, {0, 163, 500, 0.125, NAN, 0}},
     2,
     "{1: 2}",
     1,
     false},
    {"from its first token, not from the one before",
     {{0, 100, 500, 0.1, NAN, 0}, {0, 140, 500, 0.1, NAN, 0}, {0, 180, 500, 0.1, NAN, 0}},
     3,
     "{1: 1, 2: 2}",
     2,
     false},
    {"all overlap, not each the next",
     {{0, 100, 120, 0.1, NAN, 0}, {60, 120, 140, 0.1, NAN, 0}, {130, 135, 300, 0.1, NAN, 0}},
     3,
     "{1: 1, 2: 2}",
     2,
     false},
    {"where no first token is known, what overlapped counts",
     {{0, 0, 500, 0.1, NAN, 0}, {300, 0, 800, 0.1, NAN, 0}, {500, 0, 900, 0.1, NAN, 0}},
     3,
     "{1: 1, 2: 2}",
     2,
     false},
    {"to the last digit",
     {{0, 100, 500, 0.1, NAN, 0}, {0, 100, 500, 0.1000000000000001, NAN, 0}},
     2,
     "{1: 2}",
     1,
     false},
    {"exactly half is not more than half",
     {{0, 100, 500, 0.1, NAN, 0},
      {0, 100, 500, 0.1, NAN, 0},
      {0, 200, 500, 0.2, NAN, 0},
      {0, 300, 500, 0.3, NAN, 0}},
     4,
     "{1: 2, 2: 2}",
     NAN,
     false},
    {"failed requests ran in none",
     {{0, 100, 500, 0.1, NAN, 0}, {0, 100, 500, 0.1, NAN, 1}, {0, 200, 500, 0.2, NAN, 0}},
     3,
     "{1: 2}",
     1,
     false},
    {"a completed one without TTFT counts among the requests",
     {{0, 100, 500, 0.1, NAN, 0}, {0, 100, 500, NAN, NAN, 0}},
     2,
     "{1: 1}",
     NAN,
     false},
    {"what the server says is the truth",
     {{0, 100, 500, 0.1, 16, 0},
      {0, 100, 500, 0.1, 1, 0},
      {0, 100, 500, 0.1, 16, 0},
      {0, 100, 500, 0.1, 6, 0},
      {0, 100, 500, NAN, 16, 0}},
     5,
     "{1: 1, 6: 1, 16: 3}",
     16,
     true},
    {"of those only that it tells of",
     {{0, 100, 500, 0.1, 16, 0}, {0, 100, 500, 0.1, NAN, 0}},
     2,
     "{1: 1, 16: 1}",
     NAN,
     false},
    {"a size is a whole number from 1 to 1024",
     {{0, 100, 500, 0.1, 1024, 0},
      {0, 200, 500, 0.2, 1025, 0},
      {0, 300, 500, 0.3, 1e300, 0},
      {0, 400, 500, 0.4, 2.5, 0},
      {0, 450, 500, 0.45, 0, 0},
      {0, 460, 500, 0.46, -4, 0},
      {0, 470, 500, NAN, 2.5, 0}},
     7,
     "{1: 5, 1024: 1}",
     1,
     false},
    {"a failed one need not say it",
     {{0, 100, 500, 0.1, 16, 0}, {0, 100, 500, 0.1, NAN, 1}},
     2,
     "{16: 1}",
     16,
     true},
    {"none completed", {{0, 0, 500, NAN, NAN, 1}}, 1, "{}", NAN, false},
    {"none", {{0, 0, 0, 0, 0, 0}}, 0, "{}", NAN, false},
};

static void test_batch_sizes(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct outcome outcomes[MOST];
        struct step step = {0};
        struct text table = {0};

        for (size_t k = 0; k < cases[i].count; k++) {
            outcomes[k] = outcome_at(&cases[i].request[k]);
            step.completed += !cases[i].request[k].failed;
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
        outcomes[i] = outcome_of(0.5, 0.25, 0, 600 + (int64_t)i);
    batches_count(outcomes, COUNT_OF(outcomes), &step);
    assert_int_equal(step.batches, 1);
    assert_true(step.batch[0].size == 64 && step.batch[0].requests == 33);
    step_clear(&step);
}

/* On an exact node every batch has the same TTFT: three waves of 32, each sent as the one before is
 * done. */
static void test_no_batch_holds_more_than_was_in_flight(void **state)
{
    struct outcome outcomes[96];
    struct step step = {.completed = 96};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(outcomes); i++) {
        int64_t wave = (int64_t)i / 32;

        outcomes[i] = outcome_of(0.25, 0.25, wave * 600, (wave + 1) * 600);
    }
    batches_count(outcomes, COUNT_OF(outcomes), &step);
    assert_int_equal(step.batches, 1);
    assert_true(step.batch[0].size == 32 && step.batch[0].requests == 96);
    step_clear(&step);
}

static void test_batches_are_numbered(void **state)
{
    static const struct one request[] = {
        {0, 100, 500, 0.1, 2, 0}, {0, 200, 500, 0.2, 2, 0}, {0, 100, 500, 0.1, 2, 0},
        {0, 100, 500, 0.1, 2, 0}, {0, 100, 500, NAN, 2, 0},
    };
    struct batch_member member[COUNT_OF(request)];

    (void)state;
    for (size_t i = 0; i < COUNT_OF(request); i++) {
        struct outcome outcome = outcome_at(&request[i]);

        member[i] = batches_member(&outcome);
    }
    expect_true("all tell", batches_find(member, COUNT_OF(member)));
    expect_true("two fill the batch", member[0].batch == 0 && member[2].batch == 0);
    expect_true("a third is another", member[3].batch == 1);
    expect_true("another TTFT", member[1].batch == 2);
    expect_true("no TTFT, no batch", member[4].batch == SIZE_MAX && member[4].size == 2);
}

static void test_the_clock_from_the_send_parts_first_tokens(void **state)
{
    struct outcome outcome = outcome_of(3, 0.1, 1000, 5000); /* three seconds from the intended */

    (void)state;
    outcome.figures.value[METRIC_CLIENT_TTFT_FROM_SENT_S] = 0.5;
    expect_number("from sent", batches_member(&outcome).first_token_s, 1.5);
    outcome.figures.value[METRIC_CLIENT_TTFT_FROM_SENT_S] = NAN;
    expect_number("else the row's", batches_member(&outcome).first_token_s, 4);
    outcome.sent_ns = CLOCK_NEVER;
    outcome.started_ns = 2000 * MS;
    assert_int_equal(batches_member(&outcome).sent_ns, 2000 * MS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_batch_sizes),
        cmocka_unit_test(test_a_batch_of_33_needs_a_place_for_64),
        cmocka_unit_test(test_no_batch_holds_more_than_was_in_flight),
        cmocka_unit_test(test_batches_are_numbered),
        cmocka_unit_test(test_the_clock_from_the_send_parts_first_tokens),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
