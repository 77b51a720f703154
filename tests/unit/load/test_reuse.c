/* What a run learns of its endpoint's connections. */
#include "load/reuse.h"

#include "support.h"

/* 'o' outlived, 'c' closed 1.5 ms after a response, 'e' ended with it, 'd' a dead one was used. */
static void note(struct reuse *reuse, char fact)
{
    if (fact == 'o')
        reuse_note_outlived(reuse);
    else if (fact == 'd')
        reuse_note_dead(reuse);
    else
        reuse_note_closed(reuse, fact == 'c' ? 1500000 : REUSE_ANNOUNCED);
}

static void test_what_is_learned_and_said(void **state)
{
    static const struct {
        const char *name;
        enum reuse_mode asked, learned;
        const char *facts;
        enum reuse_mode then;
        const char *texts; /* NULL: nothing */
    } cases[] = {
        {"nothing yet", REUSE_AUTO, REUSE_AUTO, "", REUSE_AUTO, NULL},
        {"two outlived", REUSE_AUTO, REUSE_AUTO, "oo", REUSE_AUTO, NULL},
        {"three outlived", REUSE_AUTO, REUSE_AUTO, "ooo", REUSE_ALWAYS, NULL},
        {"one closed", REUSE_AUTO, REUSE_AUTO, "c", REUSE_NEVER, "closed one 1.50 ms after"},
        {"the third closed", REUSE_AUTO, REUSE_AUTO, "oocooo", REUSE_NEVER, "1.50 ms after"},
        {"ended", REUSE_AUTO, REUSE_AUTO, "e", REUSE_NEVER, "ends each with its response"},
        {"the first cause is told", REUSE_AUTO, REUSE_AUTO, "ecd", REUSE_NEVER, "ends each"},
        {"closed once it is known", REUSE_AUTO, REUSE_AUTO, "oooc", REUSE_ALWAYS, NULL},
        {"dead", REUSE_AUTO, REUSE_AUTO, "d", REUSE_NEVER, "used again closed"},
        {"dead once it is known", REUSE_AUTO, REUSE_AUTO, "oood", REUSE_NEVER, "used again closed"},
        {"learned before", REUSE_AUTO, REUSE_NEVER, "ooo", REUSE_NEVER, NULL},
        {"learned before, and dead", REUSE_AUTO, REUSE_ALWAYS, "d", REUSE_NEVER, "again closed"},
        {"always is always", REUSE_ALWAYS, REUSE_NEVER, "cd", REUSE_ALWAYS, NULL},
        {"never is never", REUSE_NEVER, REUSE_ALWAYS, "ooo", REUSE_NEVER, NULL},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct reuse reuse;
        char line[200] = "";

        reuse_init(&reuse, cases[i].asked, cases[i].learned);
        for (const char *fact = cases[i].facts; *fact; fact++)
            note(&reuse, *fact);
        expect_number(cases[i].name, reuse_now(&reuse), cases[i].then);
        expect_true(cases[i].name, reuse_take_news(&reuse, line, sizeof line) == !!cases[i].texts);
        if (cases[i].texts)
            expect_part(cases[i].name, line, cases[i].texts);
        expect_true(cases[i].name, !reuse_take_news(&reuse, line, sizeof line)); /* once */
    }
}

static void test_those_opened_ahead_are_looked_at_until_three_outlived(void **state)
{
    struct reuse reuse;

    (void)state;
    reuse_init(&reuse, REUSE_ALWAYS, REUSE_AUTO);
    assert_false(reuse_tries_preconnected(&reuse));
    reuse_init(&reuse, REUSE_AUTO, REUSE_AUTO);
    for (int i = 0; i < REUSE_OUTLIVED_ENOUGH; i++) {
        assert_true(reuse_tries_preconnected(&reuse));
        reuse_note_outlived(&reuse);
    }
    assert_int_equal(reuse_now(&reuse), REUSE_ALWAYS);
    for (int i = 0; i < REUSE_OUTLIVED_ENOUGH; i++) {
        assert_true(reuse_tries_preconnected(&reuse));
        reuse_note_preconnected_outlived(&reuse);
    }
    assert_false(reuse_tries_preconnected(&reuse));
}

static void test_nobody_who_learns_is_always(void **state)
{
    (void)state;
    assert_int_equal(reuse_now(NULL), REUSE_ALWAYS);
    assert_false(reuse_tries_preconnected(NULL));
    assert_false(reuse_take_news(NULL, NULL, 0));
    reuse_note_dead(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_is_learned_and_said),
        cmocka_unit_test(test_those_opened_ahead_are_looked_at_until_three_outlived),
        cmocka_unit_test(test_nobody_who_learns_is_always),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
