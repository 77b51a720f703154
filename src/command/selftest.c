/* coebench selftest: measures simulated nodes whose every value is known, and tells how near the
 * measurement came. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "command/command.h"
#include "core/file.h"
#include "core/memory.h"
#include "job/interrupt.h"
#include "selftest/check.h"
#include "selftest/trial.h"
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

static void compare(struct selftest *selftest, const struct profile *profile,
                    const struct measurement *measurement)
{
    size_t count = check_count();
    struct accuracy_line *lines = memory_new(count, sizeof *lines);

    for (size_t i = 0; i < count; i++) {
        lines[i] = check_compare(i, measurement, selftest->options->counts_only);
        selftest->judged += lines[i].judged;
        selftest->outside += lines[i].judged && !lines[i].accuracy.inside;
    }
    printf("%s: %s\n", profile->name, profile->about);
    accuracy_table_print(stdout, lines, count);
    putchar('\n');
    fflush(stdout);
    free(lines);
    check_add_ttft(measurement, &selftest->ttft);
    check_add_lateness(measurement, &selftest->lateness);
}

static bool test_profile(struct selftest *selftest, const struct profile *profile,
                         struct error *error)
{
    struct trial trial = {
        .profile = profile, .folder = selftest->folder, .seed = selftest->options->seed};
    bool done;

    fprintf(stderr, "%s: %s\n", profile->name, profile->about);
    done = trial_run(&trial, error);
    if (done && !trial.stopped)
        compare(selftest, profile, &trial.measurement);
    trial_clear(&trial);
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
     "the seed of prompts and responses; default 0", 0},
    {"keep", "DIR", OPTION_TEXT, offsetof(struct options, keep),
     "keep bundle files, run directories and ground truths in DIR", 0},
    {"counts-only", NULL, OPTION_FLAG, offsetof(struct options, counts_only),
     "show times, but do not judge them: for a busy machine", 0},
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
        "the rows; they must be right for every request. Times are compared with the moments at\n"
        "which the simulator had read a request and was about to write its tokens, on the same\n"
        "clock. They may be wrong by 5 % of the known value, or where that is more by 1 ms\n"
        "(inter-token time, a mean over the response: 20 µs). The send schedule is each arrival's\n"
        "distance from the moment before its own on the schedule. A busy machine disturbs times;\n"
        "--counts-only shows them all the same.\n"
        "\n"
        "Last it prints the TTFT difference that cannot be seen on this machine: of two requests\n"
        "that took equally long, 95 of 100 pairs are measured no further apart than that. What\n"
        "all measurements have in common, the way through the kernel and back, cancels out.",
    .options = options_table,
    .least = 0,
    .most = 0,
    .run = run,
    .options_size = sizeof(struct options),
    .exits = {EXIT_GATE_FAILED, EXIT_INTERRUPTED, EXIT_TERMINATED},
};
