/* What a visit of a mix came to: written, read back, and told from what is not of the run. */
#include "store/mix_file.h"

#include <math.h>

#include "core/file.h"
#include "core/memory.h"
#include "support.h"

#define UUID_A "00000000-0000-4000-8000-00000000000a"
#define UUID_B "00000000-0000-4000-8000-00000000000b"

static void expect_near(const char *name, double value, double wanted)
{
    if (!(fabs(value - wanted) <= 1e-9 * fmax(1, fabs(wanted))))
        fail_msg("%s: %.17g, not %.17g", name, value, wanted);
}

static struct mix mix_of(size_t step)
{
    struct mix mix = {.name = memory_text("day/1"),
                      .pass = 2,
                      .window_s = 2.5,
                      .calls = 30,
                      .offered_per_s = NAN,
                      .achieved_per_s = 12.25,
                      .utilisation = 0.5,
                      .served_share = 1,
                      .member = memory_new(2, sizeof *mix.member),
                      .members = 2,
                      .study = memory_text("out/study"),
                      .switching = {.reason = MIX_MEASURED,
                                    .source = SWITCH_CLIENT,
                                    .overtaken_share = 0.5,
                                    .grouped = true,
                                    .lack = MIX_LACKS_ROW,
                                    .calls_in_a_row = 1.5,
                                    .switch_paid_share = {0.2, 0.1, 0.3},
                                    .switch_wait_s_per_call = {0.02, 0.01, INFINITY},
                                    .predicted = {0.25, 0.02, NAN},
                                    .predicted_utilisation = 0.7,
                                    .in_a_row_under_tenth = 3,
                                    .member = memory_new(2, sizeof *mix.switching.member),
                                    .members = 2}};

    mix.switching.member[1] = (struct mix_member_switching){.reason = MIX_TOO_FEW,
                                                            .by_visit = true,
                                                            .blurred = true,
                                                            .hit_s = 0.05,
                                                            .service_s = 0.2,
                                                            .batch_size_most = 4,
                                                            .difference_s = {0.1, -0.1, 0.3},
                                                            .switch_s = {0.4, 0.3, 0.5},
                                                            .switch_time_share = {0.1, 0, 1},
                                                            .predicted = {0.5, 0.6, 0.7}};
    for (size_t i = 0; i < 2; i++) {
        mix.member[i] = (struct mix_member){
            .step = step + i,
            .step_name = memory_text(i == 0 ? "a_stream_" UUID_A : "b_stream_" UUID_B),
            .model = memory_text(i == 0 ? "a" : "b"),
            .line = 2 + (double)i,
            .calls = 10 + 10 * (double)i};
        for (int source = 0; source < SWITCH_SOURCES; source++)
            mix.member[i].ttft[source][MIX_AFTER_OTHER] = (struct mix_ttft){3, 0.1, 0.2, NAN};
    }
    return mix;
}

/* Steps of these numbers, the names as above. */
static size_t read_back(size_t first, size_t count, struct faults *warnings)
{
    struct row row = {.mix = memory_text("day/1")};
    char *names[2] = {memory_text("a_stream_" UUID_A), memory_text("b_stream_" UUID_B)};
    struct step steps[2] = {{.index = first, .name = names[0], .row = row},
                            {.index = first + 1, .name = names[1], .row = row}};
    size_t found;
    struct mix *mix = mix_file_read_all(".", steps, count, &found, warnings);

    for (size_t i = 0; i < found; i++)
        mix_clear(&mix[i]);
    free(mix);
    free(names[0]);
    free(names[1]);
    row_clear(&row);
    return found;
}

static void expect_switching(const struct mix *back)
{
    const struct mix_switching *all = &back->switching;
    const struct mix_member_switching *member = &all->member[1];

    assert_string_equal(back->study, "out/study");
    assert_int_equal(all->reason, MIX_MEASURED);
    assert_int_equal(all->source, SWITCH_CLIENT);
    assert_int_equal(all->lack, MIX_LACKS_ROW);
    assert_true(all->grouped && all->overtaken_share == 0.5 && all->calls_in_a_row == 1.5);
    expect_near("paid", all->switch_paid_share.value, 0.2);
    expect_near("paid, to", all->switch_paid_share.high, 0.3);
    expect_near("wait, from", all->switch_wait_s_per_call.low, 0.01);
    assert_true(isnan(all->switch_wait_s_per_call.high)); /* JSON has no infinity */
    expect_near("predicted", all->predicted.switch_s_per_call, 0.02);
    assert_true(isnan(all->predicted.switch_time_share) && all->in_a_row_under_tenth == 3);
    expect_near("used", all->predicted_utilisation, 0.7);
    assert_int_equal(all->member[0].reason, MIX_MEASURED);
    assert_int_equal(member->reason, MIX_TOO_FEW);
    assert_true(member->by_visit && member->blurred && !member->disagrees);
    expect_near("without", member->hit_s, 0.05);
    expect_near("service", member->service_s, 0.2);
    expect_near("size", member->batch_size_most, 4);
    expect_near("difference", member->difference_s.low, -0.1);
    expect_near("switch", member->switch_s.high, 0.5);
    expect_near("time", member->switch_time_share.high, 1);
    expect_near("told", member->predicted.switch_time_share, 0.7);
}

static void test_it_is_read_back_as_it_was(void **state)
{
    struct mix mix = mix_of(4), back;
    struct error error = {""};
    char *path = mix_file_path(".", &mix);

    (void)state;
    assert_string_equal(path, "./mix_day-1_" UUID_A ".json");
    assert_true(mix_file_write(".", &mix, &error));
    assert_true(mix_file_read(path, &back, &error));
    assert_string_equal(back.name, "day/1");
    assert_true(back.pass == 2 && back.members == 2 && isnan(back.offered_per_s));
    expect_near("window", back.window_s, 2.5);
    expect_near("achieved", back.achieved_per_s, 12.25);
    assert_string_equal(back.member[1].step_name, "b_stream_" UUID_B);
    assert_true(back.member[1].step == 5 && back.member[1].calls == 20 && back.member[1].line == 3);
    expect_near("p95", back.member[0].ttft[SWITCH_CLIENT][MIX_AFTER_OTHER].p95_s, 0.2);
    expect_near("count", back.member[0].ttft[SWITCH_SERVER][MIX_AFTER_SAME].count, 0);
    expect_switching(&back);
    mix_clear(&back);
    mix_clear(&mix);
    free(path);
}

static void test_only_those_of_the_runs_own_steps_are_taken(void **state)
{
    static const struct {
        const char *name;
        size_t first, count, found, warnings;
    } cases[] = {
        {"its own", 4, 2, 1, 0},
        {"of another visit", 6, 2, 0, 2},
        {"a member is lost", 4, 1, 0, 1},
        {"no steps", 4, 0, 0, 0},
    };
    struct mix mix = mix_of(4);
    struct error error = {""};

    (void)state;
    assert_true(mix_file_write(".", &mix, &error));
    mix_clear(&mix);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct faults warnings = {0};

        expect_true(cases[i].name,
                    read_back(cases[i].first, cases[i].count, &warnings) == cases[i].found);
        expect_true(cases[i].name, warnings.count == cases[i].warnings);
        faults_clear(&warnings);
    }
}

static void test_a_broken_file_is_a_warning(void **state)
{
    static const char *const broken[] = {"", "[]", "{\"mix\":\"day\"}", "{\"members\":[", "\xff"};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(broken); i++) {
        struct faults warnings = {0};

        support_write("mix_day-1_" UUID_A ".json", broken[i]);
        expect_true(broken[i], read_back(4, 2, &warnings) == 0 && warnings.count == 3);
        faults_clear(&warnings);
    }
}

static void test_it_is_set_aside_under_a_name_that_no_reader_takes(void **state)
{
    struct mix mix = mix_of(4);
    struct faults warnings = {0};
    struct error error = {""};

    (void)state;
    assert_true(mix_file_write(".", &mix, &error));
    assert_true(mix_file_set_aside(".", mix.name, mix.member->step_name, 3, &error));
    assert_true(file_exists("mix_day-1_" UUID_A "_attempt_3.json"));
    assert_false(file_exists("mix_day-1_" UUID_A ".json"));
    assert_true(mix_file_set_aside(".", mix.name, mix.member->step_name, 3, &error));
    assert_int_equal(read_back(4, 2, &warnings), 0);
    faults_clear(&warnings);
    mix_clear(&mix);
}

/* A file of an older program says nothing of switches, and is no measurement. */
static void test_a_file_that_says_nothing_of_switches_has_none(void **state)
{
    struct mix mix;
    struct error error = {""};

    (void)state;
    support_write("mix_old.json", "{\"mix\":\"day\",\"members\":[{\"model\":\"a\"}]}");
    assert_true(mix_file_read("mix_old.json", &mix, &error));
    assert_int_equal(mix.switching.reason, MIX_NOT_LOOKED_AT);
    assert_int_equal(mix.switching.member[0].reason, MIX_NOT_LOOKED_AT);
    assert_int_equal(mix.switching.lack, MIX_LACKS_STUDY);
    assert_true(isnan(mix.switching.switch_paid_share.value) && !mix.study);
    mix_clear(&mix);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        in_folder(test_it_is_read_back_as_it_was),
        in_folder(test_a_file_that_says_nothing_of_switches_has_none),
        in_folder(test_only_those_of_the_runs_own_steps_are_taken),
        in_folder(test_a_broken_file_is_a_warning),
        in_folder(test_it_is_set_aside_under_a_name_that_no_reader_takes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
