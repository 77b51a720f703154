/* coebench selftest: measures simulated nodes whose every value is known, and tells how near the
 * measurement came. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command/command.h"
#include "command/interrupt.h"
#include "command/job.h"
#include "command/profile.h"
#include "command/quantity.h"
#include "command/simulator.h"
#include "core/file.h"
#include "core/memory.h"
#include "stats/accuracy.h"

struct options {
    int64_t seed;
    const char *keep;
    bool counts_only;
};

/* A selftest under way. */
struct selftest {
    const struct options *options;
    char *folder;          /* where the profiles' folders stand */
    struct pairs ttft;     /* of all profiles: known and measured */
    struct pairs lateness; /* the model's first tokens, and when the simulator wrote them */
    size_t judged, outside;
};

/* The files of one profile. */
struct place {
    char *folder, *bundle, *rows, *config, *truth;
};

static struct place place_of(const struct selftest *selftest, const struct profile *profile)
{
    char *folder = file_join(selftest->folder, profile->name);

    return (struct place){.folder = folder,
                          .bundle = file_join(folder, "bundle.yaml"),
                          .rows = file_join(folder, "rows.csv"),
                          .config = file_join(folder, "config.yaml"),
                          .truth = file_join(folder, "truth.jsonl")};
}

static void place_clear(struct place *place)
{
    free(place->folder);
    free(place->bundle);
    free(place->rows);
    free(place->config);
    free(place->truth);
}

static bool write_text(const char *path, const char *text, struct error *error)
{
    return file_write(path, text, strlen(text), error);
}

static void add_setting(struct text *yaml, const char *key, const char *value)
{
    text_printf(yaml, "%s: ", key);
    text_add_json(yaml, value); /* a JSON string is a YAML one */
    text_add_char(yaml, '\n');
}

static bool write_config(const struct place *place, struct error *error)
{
    struct text yaml = {0};
    bool done;

    add_setting(&yaml, "model_configs_path", place->rows);
    add_setting(&yaml, "llm_api", "sncloud");
    add_setting(&yaml, "output_files_dir", place->folder);
    add_setting(&yaml, "consolidated_results_dir", place->folder);
    add_setting(&yaml, "run_name", "run");
    text_add_string(&yaml, "timeout: 20\nprompt: {count: content}\n");
    done = write_text(place->config, yaml.bytes, error);
    text_clear(&yaml);
    return done;
}

static bool lay_out(const struct place *place, const struct profile *profile, struct error *error)
{
    if (file_exists(place->folder))
        return error_set(error, "%s is there already; keep this one elsewhere, or remove it",
                         place->folder);
    return file_make_folders(place->folder, error) &&
           write_text(place->bundle, profile->bundle, error) &&
           write_text(place->rows, profile->rows, error) && write_config(place, error);
}

/* Runs the profile's rows against the simulator at `port`. */
static bool measure(const struct selftest *selftest, const struct place *place, int port,
                    struct preparation *preparation, struct run *run, struct error *error)
{
    char *address = memory_printf("http://127.0.0.1:%d/v1", port);
    char *seed = memory_printf("%" PRId64, selftest->options->seed);
    const struct prepare_options options = {.seed = seed, .address = address, .key = simulator_key};
    bool done;

    if (!prepare(preparation, &options, place->config))
        done = error_set(error, "%s: cannot be run", place->config);
    else
        done = job_run(preparation, &(struct job_options){0}, run, error);
    free(address);
    free(seed);
    return done;
}

static void compare(struct selftest *selftest, const struct profile *profile,
                    const struct evidence *evidence)
{
    size_t count = quantity_count();
    struct accuracy_line *lines = memory_new(count, sizeof *lines);

    for (size_t i = 0; i < count; i++) {
        lines[i] = quantity_compare(i, evidence, selftest->options->counts_only);
        selftest->judged += lines[i].judged;
        selftest->outside += lines[i].judged && !lines[i].accuracy.inside;
    }
    printf("%s: %s\n", profile->name, profile->about);
    accuracy_table_print(stdout, lines, count);
    putchar('\n');
    fflush(stdout);
    free(lines);
    quantity_add_ttft(evidence, &selftest->ttft);
    quantity_add_lateness(evidence, &selftest->lateness);
}

/* Starts the simulator, runs the rows, ends it; what both say is then complete. */
static bool run_rows(const struct selftest *selftest, const struct place *place,
                     struct preparation *preparation, struct run *run, struct error *error)
{
    struct simulator simulator;
    struct error at_end;
    bool done;

    if (!simulator_start(&simulator, place->bundle, place->folder, selftest->options->seed, error))
        return false;
    done = measure(selftest, place, simulator.port, preparation, run, error);
    if (!simulator_end(&simulator, &at_end) && done) {
        *error = at_end;
        done = false;
    }
    return done;
}

static bool test_profile(struct selftest *selftest, const struct profile *profile,
                         struct error *error)
{
    struct place place = place_of(selftest, profile);
    struct preparation preparation = {0};
    struct run run = {0};
    struct evidence evidence = {.rows = &preparation.rows};
    bool done;

    fprintf(stderr, "%s: %s\n", profile->name, profile->about);
    done = lay_out(&place, profile, error) && run_rows(selftest, &place, &preparation, &run, error);
    if (done && !interrupt_asked) {
        done = evidence_read(&evidence, run.folder, place.bundle, place.truth, error);
        if (done)
            compare(selftest, profile, &evidence);
    }
    evidence_clear(&evidence);
    run_clear(&run);
    prepare_clear(&preparation);
    place_clear(&place);
    return done;
}

/* The median of measured − known, as text. */
static void median_error(const struct pairs *pairs, char *text, size_t size)
{
    struct tolerance any = {1, 0};

    accuracy_time(accuracy_of(pairs->known, pairs->measured, pairs->count, any).error, text, size);
}

static void print_resolution(const struct selftest *selftest)
{
    const struct pairs *ttft = &selftest->ttft;
    double *errors = memory_new(ttft->count, sizeof *errors);
    char late[32], too_long[32], resolution[32];

    for (size_t i = 0; i < ttft->count; i++)
        errors[i] = ttft->measured[i] - ttft->known[i];
    median_error(&selftest->lateness, late, sizeof late);
    median_error(ttft, too_long, sizeof too_long);
    accuracy_time(accuracy_resolution(errors, ttft->count), resolution, sizeof resolution);
    printf("The simulator wrote first tokens %s after its model's moment (median).\n"
           "The client's TTFT is %s longer than from its read to its write (median).\n"
           "A TTFT difference below %s cannot be seen here: of %zu requests,\n"
           "95 of 100 pairs have errors no further apart than that.\n",
           late, too_long, resolution, ttft->count);
    free(errors);
}

static int conclude(const struct selftest *selftest)
{
    print_resolution(selftest);
    if (selftest->outside == 0)
        printf("All %zu judged values are inside their tolerances.\n", selftest->judged);
    else
        printf("%zu of %zu judged values are OUTSIDE their tolerances.\n", selftest->outside,
               selftest->judged);
    return selftest->outside == 0 ? EXIT_DONE : EXIT_GATE_FAILED;
}

static int test_all(struct selftest *selftest)
{
    struct error error;

    for (const struct profile *profile = profile_table; profile->name; profile++) {
        bool done = test_profile(selftest, profile, &error);

        if (!done)
            fprintf(stderr, "coebench selftest: %s\n", error.text);
        if (interrupt_asked)
            return interrupt_exit_code();
        if (!done)
            return EXIT_BAD_INPUT;
    }
    return conclude(selftest);
}

static int run(const void *given, char **arguments)
{
    const struct options *options = given;
    struct selftest selftest = {.options = options};
    struct error error;
    int code = EXIT_BAD_INPUT;

    (void)arguments;
    selftest.folder =
        options->keep ? memory_text(options->keep) : file_make_temporary_folder(&error);
    if (!selftest.folder) {
        fprintf(stderr, "coebench selftest: %s\n", error.text);
        return code;
    }
    interrupt_catch();
    code = test_all(&selftest);
    if (!options->keep)
        file_remove_folder(selftest.folder);
    pairs_clear(&selftest.ttft);
    pairs_clear(&selftest.lateness);
    free(selftest.folder);
    return code;
}

static const struct option options_table[] = {
    {"seed", "N", OPTION_INTEGER, offsetof(struct options, seed),
     "what prompts and answers follow from; default 0"},
    {"keep", "DIR", OPTION_TEXT, offsetof(struct options, keep),
     "keep bundle files, run directories and ground truths in DIR"},
    {"counts-only", NULL, OPTION_FLAG, offsetof(struct options, counts_only),
     "show times, but do not judge them: for a busy machine"},
    {0},
};

const struct command command_selftest = {
    .name = "selftest",
    .arguments = "",
    .summary = "measure simulated nodes whose values are known, and compare",
    .help =
        "Runs the main job on two simulated nodes on this machine, a fast one with a large\n"
        "model and a slow one with a small model, and prints what is known of them beside what\n"
        "was measured: medians, the median error, what 95 % of the errors stay within, and the\n"
        "tolerance that this is judged by. It takes about ten seconds and asks no endpoint.\n"
        "\n"
        "Counts, and what the server computes from its model, follow from the bundle file and\n"
        "the rows; they must be right for every request. Times are held against the moments at\n"
        "which the simulator had read a request and was about to write its tokens, on the same\n"
        "clock. They may be wrong by 5 % of the known value, or where that is more by 1 ms\n"
        "(inter-token time, a mean over the answer: 20 µs). The send schedule is each arrival's\n"
        "distance from the moment before its own on the schedule. A busy machine disturbs times;\n"
        "--counts-only shows them all the same.\n"
        "\n"
        "Last it tells which TTFT difference cannot be seen on this machine: of two requests\n"
        "that took equally long, 95 of 100 pairs are measured no further apart than that. What\n"
        "all measurements have in common, the way through the kernel and back, cancels out.",
    .options = options_table,
    .least = 0,
    .most = 0,
    .run = run,
    .options_size = sizeof(struct options),
    .exits = {EXIT_GATE_FAILED, EXIT_INTERRUPTED, EXIT_TERMINATED},
};
