/* What a search says of its steps and of what it came to. */
#include "search/words.h"

#include "support.h"

static struct settings settings_with(size_t objectives)
{
    return (struct settings){
        .search = {.goodput_share = 0.95},
        .objectives = {.one = {{METRIC_CLIENT_TTFT_S, 1}}, .count = objectives}};
}

static void test_a_step_says_why_it_is_not_clear(void **state)
{
    static const struct {
        struct trial trial;
        bool confirms;
        const char *said;
    } cases[] = {
        {{.load = 8, .calls = 236, .good = 236, .alike = 2, .verdict = TRIAL_KEPT},
         false,
         "    search: at 8 qps 100.0 % of 236 requests keep slo: kept"},
        {{.load = 8, .calls = 236, .good = 100, .growing = true, .verdict = TRIAL_BROKEN},
         false,
         "    search: at 8 qps 42.4 % of 236 requests keep slo, and what is in flight grows: "
         "broken"},
        {{.load = 8, .calls = 236, .good = 236, .alike = 8},
         true,
         "    search: at 8 qps 100.0 % of 236 requests keep slo: not clear, in one queue they are "
         "alike and tell as much as 30 that are not (confirms)"},
        {{.load = 8.25, .calls = 200, .good = 191, .alike = 1},
         false,
         "    search: at 8.25 qps 95.5 % of 200 requests keep slo: not clear, that is too near 95 "
         "%"},
        {{.load = 8, .calls = 20, .good = 20, .alike = 1},
         false,
         "    search: at 8 qps 100.0 % of 20 requests keep slo: not clear, they are too few"},
        {{.load = 8, .calls = 236, .good = 236, .alike = 1},
         false,
         "    search: at 8 qps 100.0 % of 236 requests keep slo: not clear, what is in flight may "
         "yet "
         "grow"},
        {{.load = 8, .alike = 1}, false, "    search: at 8 qps no request ended: not clear"},
        {{.load = 8, .calls = 60, .good = 60, .alike = 1, .client_limited = true},
         false,
         "    search: at 8 qps 100.0 % of 60 requests keep slo; the client was the limit"},
    };
    const struct settings settings = settings_with(1);

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const struct search_step step = {.trial = cases[i].trial, .confirms = cases[i].confirms};
        struct text text = {0};

        words_of_step(SEARCH_BY_QPS, &settings, &step, &text);
        expect_text(cases[i].said, text.bytes, cases[i].said);
        text_clear(&text);
    }
}

static void test_what_was_found_is_named_by_what_was_searched(void **state)
{
    static const struct {
        enum search_by by;
        struct search_found found;
        const char *said;
    } cases[] = {
        {SEARCH_BY_QPS,
         {.end = "found", .load = 7.25, .low = 7, .high = 7.5, .limit = "saturation"},
         "max_qps 7.25 (90 % interval 7 … 7.5): at least 95 % of requests keep slo; above it the "
         "endpoint does not keep up"},
        {SEARCH_BY_CONCURRENCY,
         {.end = "found", .load = 4, .low = 4, .high = 4, .limit = "client_ttft_s"},
         "max_concurrent_requests 4: at least 95 % of requests keep slo; above it client_ttft_s "
         "breaks first"},
        {SEARCH_BY_TRACE_SPEED,
         {.end = "found", .load = 2.5, .low = 2.4, .high = 2.6, .trace_qps = 4, .limit = "failed"},
         "max_trace_speed 2.5 (90 % interval 2.4 … 2.6), 10 requests/s: at least 95 % of requests "
         "keep slo; above it requests fail"},
        {SEARCH_BY_TRACE_SPEED,
         {.end = "client_limit", .load = NAN, .kept = 2, .broken = NAN},
         "client limit: this machine cannot send what would be needed to know more: kept at 2 "
         "times "
         "the trace's speed"},
        {SEARCH_BY_CONCURRENCY,
         {.end = "never_kept", .load = NAN, .kept = NAN, .broken = 1},
         "never kept: at 1 concurrent requests, the lowest load, fewer than 95 % of requests keep "
         "slo"},
        {SEARCH_BY_QPS,
         {.end = "always_kept", .load = NAN, .kept = 64, .broken = NAN},
         "kept at 64 qps too, the highest load of search.range"},
        {SEARCH_BY_QPS,
         {.end = "not_sure", .load = NAN, .kept = 4, .broken = 8},
         "not sure within budget_s: kept at 4 qps, broken at 8 qps"},
    };
    const struct settings settings = settings_with(1);
    const struct climb_rule rule = {.trial = {.share = 0.95}, .low = 1, .high = 64};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct search_found found = cases[i].found;

        found.by = cases[i].by;
        words_of_found(&rule, &settings, &found);
        expect_text(cases[i].said, found.sentence, cases[i].said);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_step_says_why_it_is_not_clear),
        cmocka_unit_test(test_what_was_found_is_named_by_what_was_searched),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
