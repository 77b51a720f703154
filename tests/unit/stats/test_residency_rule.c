/* What rules say of visits, against sequences worked out by hand. */
#include "stats/residency_rule.h"

#include "support.h"
#include "visits.h"

enum { VISITS = 8 };

/* Visits to units a … e; each takes a second and begins at its time. */
struct sequence {
    struct step step[VISITS];
    struct study study;
};

static struct sequence *visited(const char *units, const int *begin_s)
{
    static char model[] = "a";
    struct sequence *sequence = memory_new(1, sizeof *sequence);

    sequence->study = (struct study){.configurations = 5,
                                     .visits = strlen(units),
                                     .visit = memory_new(VISITS, sizeof(struct study_visit))};
    for (size_t i = 0; units[i]; i++) {
        sequence->step[i] = step_to(model, i, 0.2);
        sequence->step[i].weight_gb = 10.0 * (double)(units[i] - 'a' + 1);
        if (begin_s) {
            sequence->step[i].measurement.begin_ns = begin_s[i] * INT64_C(1000000000);
            sequence->step[i].measurement.end_ns = (begin_s[i] + 1) * INT64_C(1000000000);
        }
        sequence->study.visit[i] = (struct study_visit){.step = &sequence->step[i],
                                                        .configuration = (size_t)(units[i] - 'a')};
    }
    return sequence;
}

static void sequence_free(struct sequence *sequence)
{
    free(sequence->study.visit);
    free(sequence);
}

/* '.': stays, 'P': pays, '?': nothing is said. */
static void expect_chances(const char *name, const struct sequence *sequence,
                           struct residency_rule rule, const char *expected)
{
    double chance[VISITS];
    char text[VISITS + 1] = "";

    residency_rule_follow(&sequence->study, &rule, chance);
    for (size_t i = 0; i < sequence->study.visits; i++)
        text[i] = isnan(chance[i]) ? '?' : chance[i] == 1 ? 'P' : '.';
    expect_text(name, text, expected);
}

static void test_memories_are_followed_from_what_is_known(void **state)
{
    static const struct {
        const char *name, *units;
        struct residency_rule rule;
        const char *expected;
    } cases[] = {
        {"LRU, two", "abacabca", {RESIDENCY_LRU, false, 2, NAN}, "??.?.PPP"},
        {"FIFO, two", "abacabca", {RESIDENCY_FIFO, false, 2, NAN}, "??.?PPPP"},
        {"LRU, one", "aabba", {RESIDENCY_LRU, false, 1, NAN}, "?.?.P"},
        {"LRU, 55 GB", "abcabcab", {RESIDENCY_LRU, true, 55, NAN}, "???PPPPP"},
        {"LRU, 65 GB", "abcabcab", {RESIDENCY_LRU, true, 65, NAN}, "???....."},
        {"FIFO, 55 GB", "abcbca", {RESIDENCY_FIFO, true, 55, NAN}, "???..P"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct sequence *sequence = visited(cases[i].units, NULL);

        expect_chances(cases[i].name, sequence, cases[i].rule, cases[i].expected);
        sequence_free(sequence);
    }
}

/* A gap, and another run, empty what is known. */
static void test_what_came_before_a_gap_is_not_known(void **state)
{
    struct sequence *sequence = visited("abababab", NULL);
    const struct residency_rule all = {RESIDENCY_LRU, false, 5, NAN};

    (void)state;
    sequence->step[3].predecessor = -1;
    for (size_t i = 6; i < VISITS; i++)
        sequence->study.visit[i].run = 1;
    expect_chances("gap and run", sequence, all, "??.??.??");
    sequence_free(sequence);
}

/* First come first out, and b was there before a: it is the one that leaves. */
static void test_a_first_visit_that_shows_no_load_found_it_there(void **state)
{
    struct sequence *sequence = visited("abcab", NULL);
    const struct residency_rule rule = {RESIDENCY_FIFO, false, 2, NAN};

    (void)state;
    expect_chances("loaded", sequence, rule, "???PP");
    sequence_free(sequence);
    sequence = visited("abcab", NULL);
    sequence->study.visit[1].paid_as = VISIT_NOT_PAID;
    expect_chances("it may cost nothing", sequence, rule, "???PP");
    sequence->study.visit[4].paid_as = VISIT_PAID;
    expect_chances("found", sequence, rule, "???.P");
    sequence_free(sequence);
}

static void test_times_and_visits_since(void **state)
{
    static const int begin_s[] = {10, 12, 14, 20, 21};
    static const double idle_s[] = {NAN, NAN, 3, 7, 6}, since[] = {NAN, NAN, 2, 2, 2};
    struct sequence *sequence = visited("ababa", begin_s);
    double actual[VISITS];

    (void)state;
    residency_idle_s(&sequence->study, actual);
    for (size_t i = 0; i < COUNT_OF(idle_s); i++)
        expect_number("idle", actual[i], idle_s[i]);
    residency_visits_since(&sequence->study, actual);
    for (size_t i = 0; i < COUNT_OF(since); i++)
        expect_number("since", actual[i], since[i]);
    expect_chances("expiry", sequence,
                   (struct residency_rule){RESIDENCY_IDLE_EXPIRY, .expiry_s = 6}, "??.P.");
    sequence->step[1].measurement.end_ns = 0; /* cannot be told, but the visit after it */
    expect_chances("no end", sequence,
                   (struct residency_rule){RESIDENCY_IDLE_EXPIRY, .expiry_s = 2}, "??P?P");
    sequence_free(sequence);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_memories_are_followed_from_what_is_known),
        cmocka_unit_test(test_what_came_before_a_gap_is_not_known),
        cmocka_unit_test(test_a_first_visit_that_shows_no_load_found_it_there),
        cmocka_unit_test(test_times_and_visits_since),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
