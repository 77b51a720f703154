/* Loads as two servers tell of them, event by event. */
#include "telemetry/load_events.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/clock.h"
#include "support.h"

static const int64_t s = CLOCK_NS_PER_S;

static void take(struct load_events *events, enum state_source source, const char *line,
                 int64_t at_ns)
{
    load_events_take(events, source, line, strlen(line), at_ns);
}

/* An event of llama.cpp's router. */
static void tell(struct load_events *events, const char *model, const char *status, int64_t at_ns)
{
    char line[200];

    snprintf(line, sizeof line,
             "data: {\"model\":\"%s\",\"event\":\"model_status\",\"data\":{\"status\":\"%s\"}}",
             model, status);
    take(events, STATE_SOURCE_LLAMA_CPP, line, at_ns);
}

static void test_a_load_goes_from_loading_to_loaded(void **state)
{
    struct load_events events = {0};

    (void)state;
    tell(&events, "a", "loading", 1 * s);
    tell(&events, "b", "unloaded", 2 * s);
    tell(&events, "a", "loading", 3 * s); /* its progress */
    assert_true(isnan(load_events_s(&events, "a", 0, 100 * s)));
    tell(&events, "a", "loaded", 5 * s);
    tell(&events, "a", "loaded", 6 * s);
    expect_number("whole", load_events_s(&events, "a", 0, 100 * s), 4);
    expect_number("from there on", load_events_s(&events, "a", 2 * s, 100 * s), 3);
    assert_true(isnan(load_events_s(&events, "a", 6 * s, 100 * s)));
    assert_true(isnan(load_events_s(&events, "a", 0, 4 * s)));
    assert_true(isnan(load_events_s(&events, "b", 0, 100 * s)));
    tell(&events, "a", "unloaded", 7 * s);
    tell(&events, "a", "loading", 8 * s);
    tell(&events, "a", "loaded", 10 * s);
    expect_number("two", load_events_s(&events, "a", 0, 100 * s), 6);
    load_events_clear(&events);
}

static void test_a_load_that_is_given_up_is_none(void **state)
{
    struct load_events events = {0};

    (void)state;
    tell(&events, "a", "loading", 1 * s);
    tell(&events, "a", "unloaded", 2 * s);
    tell(&events, "a", "loaded", 3 * s);
    assert_int_equal(events.loads, 0);
    tell(&events, "a", "loading", 4 * s); /* for good: freed below */
    load_events_clear(&events);
}

static void test_llama_swap_lists_all_models_each_time(void **state)
{
    static const char *const lines[] = {
        "event:message",
        "data:{\"type\":\"logData\",\"data\":\"loading\"}",
        "data:{\"type\":\"modelStatus\",\"data\":\"[{\\\"id\\\":\\\"a\\\",\\\"state\\\":"
        "\\\"stopped\\\"},{\\\"id\\\":\\\"b\\\",\\\"state\\\":\\\"ready\\\"}]\"}",
        "data:{\"type\":\"modelStatus\",\"data\":\"[{\\\"id\\\":\\\"a\\\",\\\"state\\\":"
        "\\\"starting\\\"},{\\\"id\\\":\\\"b\\\",\\\"state\\\":\\\"stopping\\\"}]\"}",
        "data:{\"type\":\"modelStatus\",\"data\":\"[{\\\"id\\\":\\\"a\\\",\\\"state\\\":"
        "\\\"ready\\\"},{\\\"id\\\":\\\"b\\\",\\\"state\\\":\\\"stopped\\\"}]\"}",
    };
    struct load_events events = {0};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(lines); i++)
        take(&events, STATE_SOURCE_LLAMA_SWAP, lines[i], (int64_t)i * s);
    assert_int_equal(events.loads, 1);
    expect_number("a", load_events_s(&events, "a", 0, 100 * s), 1);
    load_events_clear(&events);
}

static void test_lines_of_another_form_are_passed_over(void **state)
{
    static const char *const lines[] = {
        "",
        "data",
        "data:",
        "data: ",
        "data: {",
        "data: []",
        "data: 3",
        ": comment",
        "data: {\"model\":3,\"data\":{\"status\":\"loading\"}}",
        "data: {\"model\":\"a\",\"data\":\"loading\"}",
        "data: {\"model\":\"a\",\"data\":{\"status\":null}}",
        "data:{\"type\":\"modelStatus\",\"data\":[]}",
        "data:{\"type\":\"modelStatus\",\"data\":\"{\"}",
        "data:{\"type\":\"modelStatus\",\"data\":\"[3,{}]\"}",
    };
    struct load_events events = {0};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(lines); i++) {
        take(&events, STATE_SOURCE_LLAMA_CPP, lines[i], 1 * s);
        take(&events, STATE_SOURCE_LLAMA_SWAP, lines[i], 1 * s);
    }
    assert_int_equal(events.loads + events.begins, 0);
    load_events_clear(&events);
}

static void test_only_so_many_are_kept(void **state)
{
    struct load_events events = {0};
    char name[32];

    (void)state;
    for (int i = 0; i < LOAD_EVENTS_BEGUN_MOST + 5; i++) {
        snprintf(name, sizeof name, "m%d", i);
        tell(&events, name, "loading", 1);
    }
    assert_int_equal(events.begins, LOAD_EVENTS_BEGUN_MOST);
    tell(&events, "m0", "loaded", 2);
    for (int i = 0; i < LOAD_EVENTS_MOST; i++) {
        tell(&events, "a", "loading", 10 + i);
        tell(&events, "a", "loaded", 10 + i);
    }
    assert_true(events.loads <= LOAD_EVENTS_MOST);
    assert_true(isnan(load_events_s(&events, "m0", 0, s)));
    assert_false(isnan(load_events_s(&events, "a", 0, s)));
    load_events_clear(&events);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_load_goes_from_loading_to_loaded),
        cmocka_unit_test(test_a_load_that_is_given_up_is_none),
        cmocka_unit_test(test_llama_swap_lists_all_models_each_time),
        cmocka_unit_test(test_lines_of_another_form_are_passed_over),
        cmocka_unit_test(test_only_so_many_are_kept),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
