/* What is odd about a row: from which figure on each clause is there, and what it counts. */
#include "report/flags.h"

#include "support.h"

/* A step of 100 requests about which nothing is odd. */
static struct step plain(void)
{
    struct step step = {.row = {.model_name = (char *)"m", .input_tokens = 1000},
                        .started = 100,
                        .completed = 100,
                        .fidelity = fidelity_unknown};

    step.fidelity.output_share = 1;
    return step;
}

static void set_latency(struct step *step, double latency_s, double body_end_s)
{
    struct metric_summary *latency = &step->metric[METRIC_CLIENT_END_TO_END_LATENCY_S];
    struct metric_summary *body = &step->metric[METRIC_CLIENT_BODY_END_S];

    latency->count = body->count = step->completed;
    latency->quantile[2] = latency_s;
    body->quantile[2] = body_end_s;
}

static void expect_flags(const char *name, const struct step *step, const char *part)
{
    struct text text = {0};

    text_add_string(&text, "");
    flags_add(step, &text);
    if (part)
        expect_part(name, text.bytes, part);
    else
        expect_text(name, text.bytes, "");
    text_clear(&text);
}

static void test_bodies_that_end_late_are_reported_from_a_share_and_a_time_on(void **state)
{
    static const struct {
        const char *name;
        double latency_s, body_end_s;
        const char *part;
    } cases[] = {
        {"at once", 1, 1, NULL},
        {"less than a twentieth", 1, 1.04, NULL},
        {"a tenth", 1, 1.1, "bodies ended 10 %"},
        {"most of it", 0.01, 0.03, "bodies ended 200 %"},
        {"a fifth that a busy client may take", 0.01, 0.0119, NULL},
        {"a little more", 0.01, 0.0121, "bodies ended 21 %"},
        {"no latency", 0, 1, NULL},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct step step = plain();

        set_latency(&step, cases[i].latency_s, cases[i].body_end_s);
        expect_flags(cases[i].name, &step, cases[i].part);
        step.metric[METRIC_CLIENT_BODY_END_S].count = 0;
        expect_flags(cases[i].name, &step, NULL);
    }
}

static void test_responses_that_came_at_once_are_reported_from_a_share_on(void **state)
{
    (void)state;
    for (size_t at_once = 0; at_once < 10; at_once++) {
        struct step step = plain();
        char part[40];

        step.at_once = at_once;
        snprintf(part, sizeof part, " %zu in one read", at_once);
        expect_flags("at once", &step, at_once < 5 ? NULL : part);
    }
}

static void test_tokens_that_are_missing_are_reported_from_a_share_on(void **state)
{
    struct step step = plain();

    (void)state;
    step.fidelity.output_share = 0.95;
    expect_flags("as many as that", &step, NULL);
    step.fidelity.output_share = 0.94;
    expect_flags("fewer", &step, " 94 % of the tokens");
    step.fidelity.output_share = NAN;
    expect_flags("not known", &step, NULL);
}

static void test_each_count_has_a_clause_of_its_own(void **state)
{
    static const struct {
        const char *name;
        size_t field;
        const char *one, *several;
    } cases[] = {
        {"announced", offsetof(struct step, announced), "1 response began", "3 responses began"},
        {"without text", offsetof(struct step, without_text), "1 response held",
         "3 responses held"},
        {"retries", offsetof(struct step, retries), "1 request was sent again",
         "3 requests were sent again"},
        {"non-streaming", offsetof(struct step, non_streaming), "1 response came whole",
         "3 responses came whole"},
        {"prompts off", offsetof(struct step, fidelity.prompts_off), "1 prompt missed its length",
         "3 prompts missed their length"},
        {"prompts cut", offsetof(struct step, fidelity.prompts_cut), "counted 512 of 1 prompt",
         "counted 512 of 3 prompts"},
        {"unconfirmed", offsetof(struct step, fidelity.prompts_unconfirmed), "of 1 prompt are",
         "of 3 prompts are"},
        {"cached", offsetof(struct step, fidelity.prompts_cached), "part of 1 prompt",
         "part of 3 prompts"},
        {"responses cut", offsetof(struct step, fidelity.responses_cut), "1 response was cut",
         "3 responses were cut"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct step step = plain();

        step.fidelity.prompts_cut_to_tokens = 512;
        *(size_t *)((char *)&step + cases[i].field) = 1;
        expect_flags(cases[i].name, &step, cases[i].one);
        *(size_t *)((char *)&step + cases[i].field) = 3;
        expect_flags(cases[i].name, &step, cases[i].several);
    }
}

static void test_clauses_stand_behind_each_other(void **state)
{
    struct step step = plain();

    (void)state;
    step.probe_started = 5;
    step.probe_completed = 3;
    step.insecure = true;
    step.fidelity.prompts_cut = 100;
    expect_flags("probe and prompts", &step, "2 of 5 probe requests failed; the server counted ");
    expect_flags("every prompt", &step, " of every prompt: it cuts them to its context; 1000 ");
    expect_flags("the last", &step, "; no certificate was checked");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bodies_that_end_late_are_reported_from_a_share_and_a_time_on),
        cmocka_unit_test(test_responses_that_came_at_once_are_reported_from_a_share_on),
        cmocka_unit_test(test_tokens_that_are_missing_are_reported_from_a_share_on),
        cmocka_unit_test(test_each_count_has_a_clause_of_its_own),
        cmocka_unit_test(test_clauses_stand_behind_each_other),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
