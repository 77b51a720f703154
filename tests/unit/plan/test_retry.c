/* Which failures the setting retry.on names. */
#include "plan/retry.h"

#include "support.h"

/* How many failures `retry` sends again. */
static int count(const struct retry *retry)
{
    int named = 0;

    for (int i = 0; i < REQUEST_ENDS; i++)
        named += retry->on_end[i];
    for (int i = 0; i < RETRY_STATUS_MOST; i++)
        named += retry->on_status[i];
    return named;
}

static void read_one(const char *code, struct retry *retry, struct faults *faults)
{
    char *items[] = {(char *)code};
    const struct setting_list codes = {.items = items, .count = 1};

    retry_read(&codes, NULL, retry, faults);
}

static void test_statuses_and_words_are_named(void **state)
{
    static const struct {
        const char *code;
        int status;
        enum request_end end;
    } cases[] = {
        {"300", 300, 0},
        {"429", 429, 0},
        {"503", 503, 0},
        {"599", 599, 0},
        {"connection_reset", 0, REQUEST_CONNECTION_RESET},
        {"idle_timeout", 0, REQUEST_IDLE_TIMEOUT},
        {"empty_answer", 0, REQUEST_EMPTY_RESPONSE},
        {"local_buffers", 0, REQUEST_LOCAL_BUFFERS},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct faults faults = {0};
        struct retry retry = {0};

        read_one(cases[i].code, &retry, &faults);
        expect_faults(cases[i].code, &faults, NULL);
        expect_true(cases[i].code, count(&retry) == 1);
        expect_true(cases[i].code, cases[i].status ? retry.on_status[cases[i].status]
                                                   : retry.on_end[cases[i].end]);
    }
}

/* What completed, and what the row's end or a person cut off, is not sent again; nor is what no
 * response can have. */
static void test_others_are_refused(void **state)
{
    static const struct {
        const char *code, *says;
    } cases[] = {
        {"200",
         "'200' is not an error code; write an HTTP status or a word such as connection_reset"},
        {"299", "'299' is not an error code"},
        {"600", "'600' is not an error code"},
        {"-1", "'-1' is not an error code"},
        {"429x", "'429x' is not an error code"},
        {"99999999999999999999", "is not an error code"},
        {"", "'' is not an error code"},
        {"timeout", "'timeout' is not an error code"},
        {"cancelled", "'cancelled' is not an error code"},
        {"http_error", "'http_error' is not an error code"},
        {"conection_reset", "did you mean 'connection_reset'?"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct faults faults = {0};
        struct retry retry = {0};

        read_one(cases[i].code, &retry, &faults);
        expect_faults(cases[i].code, &faults, cases[i].says);
        expect_true(cases[i].code, count(&retry) == 0);
        faults_clear(&faults);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_statuses_and_words_are_named),
        cmocka_unit_test(test_others_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
