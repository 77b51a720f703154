/* What a study says of steady requests, and of how much costs vary. */
#include "report/study_scatter.h"

#include "support.h"

static char *printed(void (*print)(FILE *out, const struct study *study), const struct study *study)
{
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);

    print(out, study);
    fclose(out);
    return text;
}

static void expect_said(const char *name, void (*print)(FILE *out, const struct study *study),
                        const struct study *study, const char *said)
{
    char *text = printed(print, study);

    expect_text(name, text, said);
    free(text);
}

static void test_each_finding_has_a_sentence_of_its_own(void **state)
{
    static const struct {
        const char *name;
        struct study_steady steady;
        const char *said;
    } cases[] = {
        {"noise alone", {.requests = 200, .slow_share = 0.005}, ""},
        {"slow ones",
         {.requests = 200, .slow = 11},
         "  11 of 200 steady requests stood out and were left out of the means\n"},
        {"a transient",
         {.requests = 200, .transient = true},
         "  the first steady requests of a visit are slow too: the later half of them counts\n"},
        {"slower",
         {.requests = 200, .drift = true, .drift_per_s = 0.000198809515},
         "  steady TTFTs rise by 1.2 % a minute: what the first one's would be "
         "is reckoned back from them\n"},
        {"faster",
         {.requests = 200, .drift = true, .drift_per_s = -0.000336711788},
         "  steady TTFTs fall by 2.0 % a minute: what the first one's would be "
         "is reckoned back from them\n"},
        {"neighbours",
         {.requests = 200, .neighbours = true},
         "  steady requests next to each other are alike: intervals are wider for it\n"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct study_group row = {.estimate = {.source = SWITCH_CLIENT}};
        const struct study study = {
            .row = &row, .rows = 1, .steady[SWITCH_CLIENT] = cases[i].steady};

        expect_said(cases[i].name, study_scatter_steady, &study, cases[i].said);
    }
}

/* A clock that no row goes by is not spoken of; where there are two, each is named. */
static void test_the_clock_is_named_where_there_are_two(void **state)
{
    struct study_group row[] = {{.estimate = {.source = SWITCH_SERVER}},
                                {.estimate = {.source = SWITCH_SERVER}}};
    const struct study study = {.row = row,
                                .rows = 2,
                                .steady = {[SWITCH_SERVER] = {.requests = 9, .transient = true},
                                           [SWITCH_CLIENT] = {.requests = 9, .neighbours = true}}};

    (void)state;
    expect_said("one", study_scatter_steady, &study,
                "  the first steady requests of a visit are slow too: the later half of them "
                "counts\n");
    row[1].estimate.source = SWITCH_CLIENT;
    expect_said("two", study_scatter_steady, &study,
                "  the first steady requests of a visit are slow too, by the server's TTFT: the "
                "later half of them counts\n"
                "  steady requests next to each other are alike, by the client's TTFT: intervals "
                "are wider for it\n");
    row[0].estimate.verdict = row[1].estimate.verdict = SWITCH_NOT_MEASURABLE;
    expect_said("none", study_scatter_steady, &study, "");
}

static void test_how_much_costs_vary_is_reported_where_it_is_known(void **state)
{
    struct study study = {.variation = {.share = 0.234, .df = 14}};

    (void)state;
    expect_said("known", study_scatter_cost, &study,
                "  costs vary by 23.4 % from visit to visit (14 degrees of freedom)\n");
    study.variation.unequal = true;
    expect_said(
        "rows differ", study_scatter_cost, &study,
        "  costs vary by 23.4 % from visit to visit (14 degrees of freedom), and by more at "
        "some rows than at others\n");
    study.variation = (struct study_variation){.share = NAN};
    expect_said("not known", study_scatter_cost, &study, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_finding_has_a_sentence_of_its_own),
        cmocka_unit_test(test_the_clock_is_named_where_there_are_two),
        cmocka_unit_test(test_how_much_costs_vary_is_reported_where_it_is_known),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
