/* Which steps of a run that was cut off have ended, and which of their files are read to know. */
#include "store/resumption.h"

#include <sys/stat.h>

#include "core/memory.h"
#include "store/fingerprint.h"
#include "store/summary_file.h"

#include "growth.h"
#include "support.h"

static const char whole[] = "[\n{\"error_code\":null}\n]\n", broken[] = "[\n{\"error_code\":nul";

/* A run of steps named s0, s1 …, and the journal of it as far as it was written. */
struct world {
    struct run run;
    struct settings settings;
    struct manifest *manifest;
    struct text journal;
};

static void begin_in(struct world *world, const char *folder)
{
    struct faults faults = {0};
    struct error error = {""};
    const struct order order = {0};
    const struct manifest_facts facts = {.settings = &world->settings,
                                         .config_path = "config.yaml",
                                         .order = &order,
                                         .address = "http://h/v1",
                                         .dialect = "openai"};

    *world = (struct world){0};
    support_write("rows.csv", "abc");
    support_write("config.yaml",
                  "model_configs_path: rows.csv\nllm_api: sncloud\noutput_files_dir: runs\n"
                  "consolidated_results_dir: books\n");
    assert_true(settings_read("config.yaml", NULL, 0, &world->settings, &faults));
    file_remove_folder(folder);
    assert_true(run_create(&world->run, folder, "books", "r", 0, &error));
    world->manifest = manifest_new(&world->run, &facts);
}

static void begin(struct world *world)
{
    begin_in(world, "runs");
}

static void end(struct world *world)
{
    manifest_free(world->manifest);
    run_clear(&world->run);
    settings_clear(&world->settings);
    text_clear(&world->journal);
}

static void write_file(const struct world *world, const char *name, const char *ending,
                       const char *bytes)
{
    char *path = run_path(&world->run, name, ending);

    support_write(path, bytes);
    free(path);
}

/* The files of a step and its lines in the journal, the fingerprint apart. `probed`: it has files
 * of a probe and of a warm-up too. */
static void add_step(struct world *world, size_t index, enum step_end how, bool listed, bool probed,
                     const char *responses)
{
    char name[32], model[] = "m";
    struct step step = {.index = index,
                        .attempt = 1,
                        .name = name,
                        .row = {.model_name = model},
                        .end = how,
                        .probe_started = probed,
                        .phase_started = probed};
    struct text json = {0};

    snprintf(name, sizeof name, "s%zu", index);
    summary_file_add_json(&step, "{}", &json);
    write_file(world, name, "_summary.json", json.bytes);
    write_file(world, name, "_individual_responses.json", responses);
    if (probed) {
        write_file(world, name, "_probe.json", responses);
        write_file(world, name, "_phases.json", responses);
    }
    text_printf(&world->journal, "{\"step\":%zu,\"begins\":\"%s\"}\n", index, name);
    if (listed)
        manifest_add_step(world->manifest, &step);
    text_clear(&json);
}

static void add_fingerprint(struct world *world, size_t index, bool probed)
{
    const bool parts[STEP_PARTS] = {[STEP_PROBE] = probed, [STEP_PHASES] = probed};
    char name[32];

    snprintf(name, sizeof name, "s%zu", index);
    text_printf(&world->journal, "{\"step\":%zu,\"fingerprint\":", index);
    assert_true(fingerprint_add(&world->run, name, parts, &world->journal));
    text_add_string(&world->journal, "}\n");
}

/* Where bit i of `joined` is set, step i runs together with the one before it. */
static struct order order_of(size_t steps, unsigned joined)
{
    struct order order = {.visit = memory_new(steps, sizeof *order.visit), .count = steps};

    for (size_t i = 0, end; i < steps; i = end) {
        end = i + 1;
        while (end < steps && end < 32 && (joined >> end & 1))
            end++;
        for (size_t k = i; k < end; k++)
            order.visit[k] = (struct visit){.member = k - i, .members = end - i};
    }
    return order;
}

/* How many of the run's steps are left. */
static size_t count_left_of(const struct world *world, size_t steps, unsigned joined)
{
    const struct rows rows = {0};
    struct order order = order_of(steps, joined);
    struct resumption resumption;
    struct error error = {""};
    size_t left;

    write_file(world, "journal", ".jsonl", world->journal.bytes);
    if (!resumption_read(&resumption, &world->run, &rows, &order, steps, world->manifest, &error))
        fail_msg("%s", error.text);
    left = resumption.left;
    for (size_t i = 0; i < steps; i++)
        left -= !resumption_has_ended(&resumption, i);
    assert_int_equal(left, 0);
    left = resumption.left;
    resumption_clear(&resumption);
    order_clear(&order);
    return left;
}

static size_t count_left(const struct world *world, size_t steps)
{
    return count_left_of(world, steps, 0);
}

/* What the file system does not tell apart, writes within one of its ticks, is written again. */
static void change(const struct world *world, const char *ending, const char *bytes)
{
    const bool parts[STEP_PARTS] = {false};
    struct text before = {0};

    assert_true(fingerprint_add(&world->run, "s0", parts, &before));
    do
        write_file(world, "s0", ending, bytes);
    while (fingerprint_holds(&world->run, "s0", before.bytes));
    text_clear(&before);
}

static void test_a_step_has_ended_where_its_files_are_whole(void **state)
{
    static const struct {
        const char *name, *responses;
        enum step_end how;
        bool listed, printed; /* in the manifest; has a fingerprint */
        bool changed;         /* the same bytes are written again, after the fingerprint */
        size_t left;
    } cases[] = {
        {"as it was written", whole, STEP_DONE, true, true, false, 0},
        {"timed out", whole, STEP_TIMED_OUT, true, true, false, 0},
        {"changed and whole", whole, STEP_DONE, true, true, true, 0},
        {"of an older program", whole, STEP_DONE, true, false, false, 0},
        {"not listed", whole, STEP_DONE, false, true, false, 0},
        {"interrupted", whole, STEP_INTERRUPTED, true, true, false, 1},
        {"changed and broken", broken, STEP_DONE, true, true, true, 1},
        {"of an older program, broken", broken, STEP_DONE, true, false, false, 1},
        {"not listed, broken", broken, STEP_DONE, false, true, false, 1},
        {"nobody has written to it since, so it is not read", broken, STEP_DONE, true, true, false,
         0},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases) * 2; i++) {
        bool probed = i % 2;
        struct world world;
        size_t left;

        begin(&world);
        add_step(&world, 0, cases[i / 2].how, cases[i / 2].listed, probed, cases[i / 2].responses);
        if (cases[i / 2].printed)
            add_fingerprint(&world, 0, probed);
        if (cases[i / 2].changed)
            change(&world, "_individual_responses.json", cases[i / 2].responses);
        left = count_left(&world, 1);
        if (left != cases[i / 2].left)
            fail_msg("%s: %zu left", cases[i / 2].name, left);
        assert_true(manifest_has_ended(world.manifest, 0, "s0") == (left == 0));
        end(&world);
    }
}

/* Each file of the step. */
static void test_a_file_that_breaks_after_its_fingerprint_is_found(void **state)
{
    static const char *const endings[] = {"_summary.json", "_individual_responses.json",
                                          "_probe.json", "_phases.json"};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(endings); i++) {
        for (int gone = 0; gone <= 1; gone++) {
            struct world world;
            char *path;

            begin(&world);
            path = run_path(&world.run, "s0", endings[i]);
            add_step(&world, 0, STEP_DONE, true, true, whole);
            add_fingerprint(&world, 0, true);
            assert_int_equal(count_left(&world, 1), 0);
            if (gone)
                assert_int_equal(remove(path), 0);
            else
                assert_int_equal(truncate(path, 9), 0);
            if (count_left(&world, 1) != 1)
                fail_msg("%s: %s, and not noticed", path, gone ? "gone" : "cut");
            free(path);
            end(&world);
        }
    }
}

enum { FEW = 150, MANY = GROWTH_TIMES * FEW };

static struct world few, many;

/* The files are written once, and stand in memory as they are read. */
static void write_steps(struct world *world, const char *folder, size_t steps, bool printed)
{
    begin_in(world, folder);
    for (size_t i = 0; i < steps; i++) {
        add_step(world, i, STEP_DONE, true, false, whole);
        if (printed)
            add_fingerprint(world, i, false);
    }
}

static void read_steps(size_t steps)
{
    assert_int_equal(count_left(steps == FEW ? &few : &many, steps), 0);
}

static void test_many_steps_take_no_square(void **state)
{
    (void)state;
    for (int printed = 0; printed <= 1; printed++) {
        write_steps(&few, "few", FEW, printed);
        write_steps(&many, "many", MANY, printed);
        expect_no_square(printed ? "steps" : "steps of an older program", read_steps, FEW);
        end(&few);
        end(&many);
    }
}

static void test_rows_that_run_together_start_over_together(void **state)
{
    static const struct {
        const char *name;
        unsigned joined, ended; /* by step */
        size_t left;
    } cases[] = {
        {"all alone", 0, 0x7, 1},
        {"all ended", 0x6, 0xf, 0},
        {"one of a mix is left", 0x2, 0xd, 2},
        {"of the last mix", 0x8, 0x7, 2},
        {"of a mix of all", 0xe, 0x7, 4},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct world world;

        begin(&world);
        for (size_t k = 0; k < 4; k++)
            add_step(&world, k, cases[i].ended >> k & 1 ? STEP_DONE : STEP_INTERRUPTED, false,
                     false, whole);
        expect_true(cases[i].name, count_left_of(&world, 4, cases[i].joined) == cases[i].left);
        end(&world);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        in_folder(test_a_step_has_ended_where_its_files_are_whole),
        in_folder(test_a_file_that_breaks_after_its_fingerprint_is_found),
        in_folder(test_rows_that_run_together_start_over_together),
        in_folder(test_many_steps_take_no_square),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
