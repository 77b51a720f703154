/* After which steps a run ends, since no other row would fare better. */
#include "job/early_end.h"

#include "job/listing.h"
#include "support.h"

/* A step of which nothing completed, by up to two kinds of failure. */
static struct step failed(const char *model, const char *code, const char *other,
                          struct error_count error[2])
{
    struct step step = {.row = {.model_name = (char *)model},
                        .started = 2,
                        .errors = 2,
                        .error = error,
                        .error_kinds = other ? 2 : 1};

    error[0] = error[1] = (struct error_count){.count = 1};
    snprintf(error[0].code, sizeof error[0].code, "%s", code);
    snprintf(error[1].code, sizeof error[1].code, "%s", other ? other : "");
    return step;
}

struct given {
    const char *model, *code, *other;
    size_t completed;
    bool ends;
};

/* clang-format off */
/* Steps one after another, up to the one that ends the run. */
static const struct {
    const char *name;
    int listed; /* the status of the list of models */
    struct given step[4];
    const char *why; /* of the last */
} cases[] = {
    {"refused", 0, {{"a", "connection_refused", NULL, 0, true}},
     "connection_refused: nothing listens at http://node:8/v1"},
    {"no such host", 0, {{"a", "dns_error", NULL, 0, true}},
     "dns_error: the host of http://node:8/v1 is not known"},
    {"no TLS", 0, {{"a", "tls_error", NULL, 0, true}},
     "tls_error: no secure connection to http://node:8/v1 can be made"},
    {"one of them after the other", 0, {{"a", "dns_error", "connection_refused", 0, true}},
     "dns_error: the host of http://node:8/v1 is not known"},
    {"another kind besides", 0, {{"a", "connection_refused", "timeout", 0, false},
                                 {"b", "timeout", NULL, 0, false},
                                 {"c", "500", NULL, 0, false}}, NULL},
    {"not after something completed", 0, {{"a", "429", NULL, 1, false},
                                          {"b", "connection_refused", NULL, 0, false},
                                          {"b", "401", NULL, 0, false},
                                          {"c", "401", NULL, 0, false}}, NULL},
    {"a key that the list refuses", 403, {{"a", "401", NULL, 0, true}},
     "401: the endpoint refuses the key from SAMBANOVA_API_KEY"},
    {"a list that is not there says nothing of the key", 404,
     {{"a", "401", NULL, 0, false}, {"a", "401", NULL, 0, false}, {"b", "404", NULL, 0, false}},
     NULL},
    {"a second model", 200, {{"a", "401", NULL, 0, false},
                             {"a", "403", NULL, 0, false},
                             {"b", "403", NULL, 0, true}},
     "403: the endpoint forbids this to the key from SAMBANOVA_API_KEY"},
};

/* clang-format on */

static void test_what_ends_a_run(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct preparation preparation = {
            .endpoint = {.shown = (char *)"http://node:8/v1",
                         .key_source = (char *)"SAMBANOVA_API_KEY (.env)"},
            .listing = listing_new()};
        const struct fetched fetched = {.status = cases[i].listed};
        struct early_end early_end = {0};
        struct text why = {0};

        listing_take(&preparation, &fetched);
        for (size_t k = 0; k < 4 && cases[i].step[k].model; k++) {
            const struct given *given = &cases[i].step[k];
            struct error_count error[2];
            struct step step = failed(given->model, given->code, given->other, error);

            step.completed = given->completed;
            if (early_end_judge(&early_end, &preparation, &step, &why) != given->ends)
                fail_msg("%s: step %zu", cases[i].name, k + 1);
        }
        expect_text(cases[i].name, why.bytes ? why.bytes : "", cases[i].why ? cases[i].why : "");
        text_clear(&why);
        early_end_clear(&early_end);
        listing_free(preparation.listing);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_what_ends_a_run)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
