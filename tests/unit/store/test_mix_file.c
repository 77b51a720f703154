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
                      .members = 2};

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

int main(void)
{
    const struct CMUnitTest tests[] = {
        in_folder(test_it_is_read_back_as_it_was),
        in_folder(test_only_those_of_the_runs_own_steps_are_taken),
        in_folder(test_a_broken_file_is_a_warning),
        in_folder(test_it_is_set_aside_under_a_name_that_no_reader_takes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
