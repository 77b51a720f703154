/* coebench compare: this release against the last, with a verdict. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command/command.h"
#include "command/qualify.h"
#include "command/reports.h"
#include "core/file.h"
#include "core/memory.h"
#include "report/qualification_files.h"
#include "report/qualification_table.h"

struct compare_options {
    const char *policy, *output;
};

static const char standard_policy[] = "configs/qualification.yaml";

/* Everything that is compared. */
struct comparing {
    struct policy policy;
    struct side base, candidate;
    struct qualification qualification;
};

static bool read_policy(const char *path, struct comparing *comparing)
{
    struct faults faults = {0};
    bool done = policy_read(path, &comparing->policy, &faults);

    for (size_t i = 0; i < faults.count; i++)
        fprintf(stderr, "coebench: %s\n", faults.text[i]);
    faults_clear(&faults);
    return done;
}

static bool hash_policy(const char *path, struct qualification *qualification, struct error *error)
{
    enum { POLICY_MOST = 16 << 20 };
    struct text text = {0};
    bool done = file_read(path, POLICY_MOST, &text, error);

    if (done)
        file_sha256(text.bytes, text.length, qualification->policy_sha256);
    qualification->policy = path;
    text_clear(&text);
    return done;
}

/* --- Files ------------------------------------------------------------------------------------ */

static const struct {
    const char *ending;
    void (*add)(const struct qualification *qualification, struct text *text);
} files[] = {{".json", qualification_add_json},
             {".junit.xml", qualification_add_junit},
             {".md", qualification_add_markdown}};

enum { FILES = sizeof files / sizeof *files };

static bool is_taken(const char *base)
{
    bool taken = reports_exist(base);

    for (size_t i = 0; i < FILES; i++) {
        char *path = memory_printf("%s%s", base, files[i].ending);

        taken |= file_exists(path);
        free(path);
    }
    return taken;
}

/* "<folder>/qualification_<candidate's first run>", with "-2", "-3" … until nothing is there. */
static char *free_base(const struct comparing *comparing, const char *folder)
{
    const char *name = comparing->candidate.runs.results[0].name;
    char *base = memory_printf("%s/qualification_%s", folder, name);

    for (int i = 2; is_taken(base); i++) {
        free(base);
        base = memory_printf("%s/qualification_%s-%d", folder, name, i);
    }
    return base;
}

static bool write_files(struct comparing *comparing, const char *folder, struct error *error)
{
    struct text text = {0};
    bool done = file_make_folders(folder, error);
    char *base = done ? free_base(comparing, folder) : NULL;

    for (size_t i = 0; i < FILES && done; i++) {
        char *path = memory_printf("%s%s", base, files[i].ending);

        text_reset(&text);
        files[i].add(&comparing->qualification, &text);
        done = file_write(path, text.bytes, text.length, error);
        free(path);
    }
    comparing->candidate.runs.report.qualification = &comparing->qualification;
    done = done && reports_write(&comparing->candidate.runs, base, error);
    if (done) {
        putchar('\n');
        reports_name(base);
        printf("beside:   %s%s, %s, %s\n", base, files[0].ending, files[1].ending, files[2].ending);
    }
    text_clear(&text);
    free(base);
    return done;
}

/* --- The command ------------------------------------------------------------------------------ */

static bool compare_sides(struct comparing *comparing, char **sides,
                          const struct compare_options *options, const char *policy,
                          struct error *error)
{
    if (!side_read(sides[0], &comparing->policy, &comparing->base, error) ||
        !side_read(sides[1], &comparing->policy, &comparing->candidate, error))
        return false;
    qualify(&comparing->base, &comparing->candidate, &comparing->policy, &comparing->qualification);
    if (!hash_policy(policy, &comparing->qualification, error))
        return false;
    qualification_table(stdout, &comparing->qualification);
    return !options->output || write_files(comparing, options->output, error);
}

static int compare(const void *context, char **arguments)
{
    const struct compare_options *options = context;
    const char *policy = options->policy ? options->policy : standard_policy;
    struct comparing comparing = {0};
    struct error error;
    int code = EXIT_BAD_INPUT;

    if (read_policy(policy, &comparing)) {
        if (compare_sides(&comparing, arguments, options, policy, &error))
            code = comparing.qualification.pass ? EXIT_DONE : EXIT_GATE_FAILED;
        else
            fprintf(stderr, "coebench: %s\n", error.text);
    }
    qualification_clear(&comparing.qualification);
    side_clear(&comparing.base);
    side_clear(&comparing.candidate);
    policy_clear(&comparing.policy);
    return code;
}

static const struct option options[] = {
    {"policy", "FILE", OPTION_TEXT, offsetof(struct compare_options, policy),
     "what must hold (default: configs/qualification.yaml)"},
    {"output", "DIR", OPTION_TEXT, offsetof(struct compare_options, output),
     "write workbook, page, JSON, JUnit XML and Markdown there"},
    {0},
};

const struct command command_compare = {
    .name = "compare",
    .arguments = "BASE CANDIDATE",
    .summary = "hold a release against the last, by a policy",
    .help =
        "BASE and CANDIDATE are each a run directory or a folder of them, the starter kit's too.\n"
        "Rows are matched by what they ask for. Each limit of the policy is a line for each of "
        "its\n"
        "rows, with a verdict: pass, pass (one run), improved, regressed, over its limit,\n"
        "inconclusive (with how many more runs would settle it), too few, invalid or missing. All\n"
        "lines must pass.",
    .options = options,
    .least = 2,
    .most = 2,
    .run = compare,
    .options_size = sizeof(struct compare_options),
    .exits = {EXIT_GATE_FAILED},
};
