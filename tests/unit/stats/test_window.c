/* Figures of the time in which all places were in use. */
#include "stats/window.h"

#include "core/clock.h"
#include "support.h"

/* Moments in seconds; first: of the first token, NAN where it came whole. */
struct sent {
    double sent, first, done, tokens;
    enum request_end end;
};

static struct outcome outcome_of(const struct sent *sent)
{
    struct outcome outcome = {.started_ns = clock_from_seconds(sent->sent),
                              .sent_ns = clock_from_seconds(sent->sent),
                              .done_ns = clock_from_seconds(sent->done),
                              .end = sent->end};

    outcome.figures.value[METRIC_NUMBER_OUTPUT_TOKENS] = sent->tokens;
    outcome.figures.value[METRIC_CLIENT_TTFT_FROM_SENT_S] = sent->first - sent->sent;
    outcome.figures.value[METRIC_CLIENT_TTFT_S] = sent->first - sent->sent;
    outcome.figures.value[METRIC_CLIENT_MEAN_INTER_TOKEN_LATENCY_LOW_S] =
        outcome.figures.value[METRIC_CLIENT_MEAN_INTER_TOKEN_LATENCY_HIGH_S] =
            (sent->done - sent->first) / (sent->tokens - 1);
    return outcome;
}

static void test_tokens_of_the_full_window(void **state)
{
    enum { MOST = 4 };
    static const struct {
        const char *name;
        size_t places, count;
        struct sent sent[MOST];
        double per_s;
    } cases[] = {
        {"none", 1, 0, {{0, 0, 0, 0, REQUEST_COMPLETED}}, NAN},
        {"open loop", 0, 1, {{1, 2, 4, 11, REQUEST_COMPLETED}}, NAN},
        {"never all places", 2, 2, {{1, 1, 2, 5, 0}, {2.5, 3, 4, 5, 0}}, NAN},
        {"one place", 1, 1, {{1, 2, 4, 11, REQUEST_COMPLETED}}, 11.0 / 3},
        {"one place, twice", 1, 2, {{1, 2, 3, 11, 0}, {3, 4, 5, 11, 0}}, 22.0 / 4},
        /* full from 2 to 4: half of the first one's other tokens, and all of the second */
        {"two places", 2, 2, {{1, 1, 5, 41, 0}, {2, 3, 4, 5, 0}}, (20 + 5) / 2.0},
        {"one hangs and fails",
         2,
         3,
         {{1, 1, 2, 11, 0}, {1, 1, 9, 3, REQUEST_TIMEOUT}, {2, 2, 3, 11, 0}},
         22.0 / 2},
        {"came whole", 1, 1, {{1, NAN, 3, 8, REQUEST_COMPLETED}}, 4},
        {"a first token before it", 2, 2, {{1, 1.5, 3, 1, 0}, {2, 2.5, 4, 1, 0}}, 1},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct outcome outcomes[MOST];
        struct window window;

        for (size_t k = 0; k < cases[i].count; k++)
            outcomes[k] = outcome_of(&cases[i].sent[k]);
        window = window_of(outcomes, cases[i].count, cases[i].places);
        expect_number(cases[i].name, window_throughput(outcomes, cases[i].count, &window),
                      cases[i].per_s);
    }
}

/* TTFTs by when the first token came, gaps by when all of the response did. */
static void test_metrics_of_the_full_window(void **state)
{
    enum { MOST = 4 };
    static const struct {
        const char *name;
        size_t places, count;
        struct sent sent[MOST];
        double ttfts, mean_ttft, gaps, mean_gap;
    } cases[] = {
        {"open loop", 0, 1, {{1, 2, 4, 11, 0}}, 0, 0, 0, 0},
        {"never all places", 2, 1, {{1, 2, 4, 11, 0}}, 0, 0, 0, 0},
        {"one place", 1, 2, {{1, 2, 4, 11, 0}, {4, 7, 8, 11, 0}}, 2, 2, 2, 0.15},
        /* full from 2 to 6: the first one's token came before, the third one ended later */
        {"two places",
         2,
         4,
         {{1, 1.5, 4, 26, 0}, {2, 2.5, 3, 11, 0}, {3, 3.25, 8, 11, 0}, {4, 5, 6, 11, 0}},
         3,
         1.75 / 3,
         2,
         0.075},
        {"failed and whole ones have none",
         2,
         2,
         {{1, 2, 4, 5, REQUEST_TRUNCATED}, {1, NAN, 4, 5, 0}},
         0,
         0,
         0,
         0},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct outcome outcomes[MOST];
        double values[MOST];
        struct metric_summary ttft, gap;
        struct window window;

        for (size_t k = 0; k < cases[i].count; k++)
            outcomes[k] = outcome_of(&cases[i].sent[k]);
        window = window_of(outcomes, cases[i].count, cases[i].places);
        ttft = window_metric(outcomes, cases[i].count, &window, METRIC_CLIENT_TTFT_S, values);
        gap = window_metric(outcomes, cases[i].count, &window,
                            METRIC_CLIENT_MEAN_INTER_TOKEN_LATENCY_S, values);
        expect_number(cases[i].name, (double)ttft.count, cases[i].ttfts);
        expect_number(cases[i].name, (double)gap.count, cases[i].gaps);
        if (ttft.count > 0)
            expect_number(cases[i].name, ttft.mean, cases[i].mean_ttft);
        if (gap.count > 0)
            expect_number(cases[i].name, gap.mean, cases[i].mean_gap);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tokens_of_the_full_window),
        cmocka_unit_test(test_metrics_of_the_full_window),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
