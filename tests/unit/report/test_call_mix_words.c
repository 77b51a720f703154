/* What a mix of calls pays, in words. */
#include "report/call_mix_words.h"

#include "support.h"

#define STEADY                                                                                     \
    {                                                                                              \
        .calls = 10, .utilisation = 0.46, .stable = true, .paid_share = 0.07, .switch_s = 0.016,   \
        .switch_wait_s = 0.067, .switch_wait_error_s = 0.0014, .wait_s = 0.076, .time_share = 0.08 \
    }
#define GROWING                                                                                    \
    {                                                                                              \
        .calls = 10, .utilisation = 1.2, .paid_share = 0.07                                        \
    }

struct words_case {
    const char *name;
    struct study_call_mix mix;
    const char *tile;
    const char *printed[3]; /* a part of each sentence */
};

static const struct words_case words_cases[] = {
    {"idle",
     {.calls = 10, .paid_share = 0.07, .extra_s = 0.0167, .service_s = 0.0776, .time_share = 0.18},
     "18 % of the time goes to switching: 7 % of calls pay, 16.7 ms a call on average; under 10 % "
     "with 2 calls to a model in a row",
     {"call_mix: 7 % of the calls pay for a switch, 16.7 ms a call on average"}},
    {"at a rate",
     {.calls = 10,
      .paid_share = 0.07,
      .extra_s = 0.0167,
      .service_s = 0.0776,
      .time_share = 0.18,
      .call_rate = 5,
      .queue = {STEADY, GROWING}},
     "At 5.00 calls/s 8 % of the node's time goes to switching: 7 % of calls pay, a call waits "
     "67.0 ms "
     "longer on average, 16.0 ms of it for its own switch",
     {"16.7 ms a call on average",
      "call_mix at 5.00 calls/s, served in order: 7 % of the calls pay, and a call waits 67.0 ± "
      "2.8 ms "
      "longer than with all models in memory, 16.0 ms of it for its own switch; the node spends "
      "8 % of its time switching, and is in use 46 %",
      "where the node serves what is loaded first: more than the node can do; it needs 120 % of "
      "its time"}},
    {"too many",
     {.call_rate = 5, .queue = {GROWING}},
     "5.00 calls/s are more than the node can do: they need 120 % of its time, 7 % of calls pay",
     {"served in order: more than the node can do"}},
};

/* Without the breaks that a terminal's width makes. */
static void straighten(char *text)
{
    char *to = text;

    for (const char *from = text; *from; from++) {
        bool blank = *from == ' ' || *from == '\n';

        if (!blank || (to > text && to[-1] != ' '))
            *to++ = blank ? ' ' : *from;
    }
    *to = '\0';
}

static void test_a_mix_is_told(void **state)
{
    (void)state;
    for (size_t c = 0; c < COUNT_OF(words_cases); c++) {
        const struct words_case *given = &words_cases[c];
        struct text tile = {0};
        char *printed = NULL;
        size_t size;
        FILE *out = open_memstream(&printed, &size);

        call_mix_words_add_tile(&given->mix, &tile);
        expect_text(given->name, tile.bytes, given->tile);
        call_mix_words(out, &given->mix);
        fclose(out);
        straighten(printed);
        for (size_t i = 0; i < COUNT_OF(given->printed) && given->printed[i]; i++)
            expect_part(given->name, printed, given->printed[i]);
        expect_true(given->name, call_mix_words_known(&given->mix));
        text_clear(&tile);
        free(printed);
    }
}

static void test_what_is_not_known_is_not_printed(void **state)
{
    const struct study_call_mix mix = {.call_rate = NAN};
    char *printed = NULL;
    size_t size;
    FILE *out = open_memstream(&printed, &size);

    (void)state;
    call_mix_words(out, &mix);
    fclose(out);
    expect_text("nothing", printed, "");
    assert_true(!call_mix_words_known(&mix) && !call_mix_words_known_at_rate(&mix));
    free(printed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_mix_is_told),
        cmocka_unit_test(test_what_is_not_known_is_not_printed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
