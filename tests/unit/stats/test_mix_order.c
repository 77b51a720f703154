/* In which order calls came and were served, on a node that this test follows itself. */
#include "stats/mix_order.h"

#include <stdlib.h>

#include "core/random.h"
#include "mixes.h"
#include "support.h"

enum { CALLS = 400 };

/* Calls to two configurations, of which one at a time is loaded; each takes 0.2 s. */
struct drawn_mix {
    struct outcome outcome[2][CALLS];
    size_t count[2];
};

/* `in_a_row` calls come to one configuration, before the next is drawn. A node that is `grouped`
 * serves the first of those that need no load. */
static void draw(double rate, size_t in_a_row, bool grouped, struct drawn_mix *mix)
{
    const uint64_t key[] = {0x6f72, in_a_row};
    double at_s[CALLS], now_s = 0;
    size_t member[CALLS], loaded = 2;
    bool done[CALLS] = {false};
    struct random random;

    random_init(&random, key, 2);
    for (size_t i = 0; i < CALLS; i++) {
        at_s[i] = 1 + (i > 0 ? at_s[i - 1] - 1 : 0) + random_exponential(&random) / rate;
        member[i] = i % in_a_row == 0 ? random_unit(&random) < 0.4 : member[i - 1];
    }
    *mix = (struct drawn_mix){.count = {0}};
    for (size_t served_calls = 0; served_calls < CALLS; served_calls++) {
        size_t next = CALLS, first = 0;

        while (done[first])
            first++;
        now_s = fmax(now_s, at_s[first]);
        for (size_t i = first; grouped && i < CALLS && at_s[i] <= now_s && next == CALLS; i++)
            next = !done[i] && member[i] == loaded ? i : CALLS;
        next = next == CALLS ? first : next;
        done[next] = true;
        loaded = member[next];
        mix->outcome[loaded][mix->count[loaded]++] =
            served(at_s[next], now_s, 0.1 + 1e-6 * (double)next, now_s + 0.2);
        now_s += 0.2;
    }
}

static void look(const struct drawn_mix *mix, double *in_a_row, double *overtaken)
{
    const struct mix_outcomes members[] = {
        {each(mix->outcome[0], mix->count[0]), mix->count[0], 3},
        {each(mix->outcome[1], mix->count[1]), mix->count[1], 5}};
    struct mix_calls calls;

    mix_calls_make(members, 2, &calls);
    *in_a_row = mix_order_in_a_row(&calls, -INFINITY, INFINITY);
    *overtaken = mix_order_overtaken(&calls, -INFINITY, INFINITY);
    mix_calls_clear(&calls);
}

static void test_orders_are_told(void **state)
{
    static const struct {
        const char *name;
        double rate;
        size_t in_a_row;
        bool grouped;
    } cases[] = {
        {"each by itself, in order", 4, 1, false},
        {"each by itself, grouped", 4, 1, true},
        {"four in a row, in order", 4, 4, false},
    };
    static struct drawn_mix mix;

    (void)state;
    for (size_t c = 0; c < COUNT_OF(cases); c++) {
        double in_a_row, overtaken;

        draw(cases[c].rate, cases[c].in_a_row, cases[c].grouped, &mix);
        look(&mix, &in_a_row, &overtaken);
        expect_true(cases[c].name, cases[c].grouped ? overtaken > 0.3 : overtaken == 0);
        expect_true(cases[c].name, fabs(in_a_row / (double)cases[c].in_a_row - 1) < 0.25);
    }
}

/* A node that is idle when calls come shows no order. */
static void test_where_none_waited_there_is_no_order(void **state)
{
    static struct drawn_mix mix;
    double in_a_row, overtaken;

    (void)state;
    draw(0.001, 1, true, &mix);
    look(&mix, &in_a_row, &overtaken);
    assert_true(isnan(overtaken) && in_a_row >= 1);
    mix.count[0] = mix.count[1] = 0;
    look(&mix, &in_a_row, &overtaken);
    assert_true(isnan(overtaken) && isnan(in_a_row));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_orders_are_told),
        cmocka_unit_test(test_where_none_waited_there_is_no_order),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
