/* Which requests of a part were exposed to a switch. */
#include "report/exposed.h"

#include "support.h"

enum { REQUESTS = 4 };

static void test_exposed_are_those_before_the_first_complete_response(void **state)
{
    static const struct {
        const char *name;
        enum switch_method method;
        enum step_part part;
        size_t measured;
        struct {
            int64_t sent_ns, done_ns, burst;
            enum request_end end;
        } request[REQUESTS];
        bool exposed[REQUESTS];
    } cases[] = {
        {"one at a time",
         SWITCH_FROM_LOAD,
         STEP_LOAD,
         1,
         {{0, 9, 0, 0}, {10, 12, 0, 0}, {20, 22, 0, 0}, {30, 32, 0, 0}},
         {true}},
        {"two at a time, the second done first",
         SWITCH_FROM_LOAD,
         STEP_LOAD,
         2,
         {{0, 9, 0, 0}, {1, 8, 0, 0}, {8, 12, 0, 0}, {9, 13, 0, 0}},
         {true, true}},
        {"the first failed",
         SWITCH_FROM_LOAD,
         STEP_LOAD,
         1,
         {{0, 1, 0, REQUEST_TIMEOUT}, {2, 8, 0, 0}, {8, 12, 0, 0}, {9, 13, 0, 0}},
         {false, true}},
        {"a burst of a probe",
         SWITCH_FROM_BURSTS,
         STEP_PROBE,
         2,
         {{0, 9, 1, 0}, {10, 12, 1, 0}, {11, 22, 2, 0}, {11, 32, 2, 0}},
         {true, true}},
        {"a probe's load", SWITCH_FROM_PROBE, STEP_LOAD, 1, {{0, 9, 0, 0}}, {false}},
        {"not measured", SWITCH_FROM_LOAD, STEP_LOAD, 0, {{0, 9, 0, 0}}, {false}},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct step step = {
            .measurement = {.method = cases[i].method, .exposed = cases[i].measured}};
        struct exposed exposed = exposed_begin(&step, cases[i].part);

        for (size_t k = 0; k < REQUESTS; k++) {
            struct outcome outcome = {.sent_ns = cases[i].request[k].sent_ns,
                                      .done_ns = cases[i].request[k].done_ns,
                                      .probe_burst = cases[i].request[k].burst,
                                      .end = cases[i].request[k].end};

            expect_true(cases[i].name, exposed_next(&exposed, &outcome) == cases[i].exposed[k]);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_exposed_are_those_before_the_first_complete_response),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
