/* coebench compare: this release against the last, with a verdict. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command/command.h"
#include "command/last_runs.h"
#include "command/notices.h"
#include "compare/qualify.h"
#include "core/file.h"
#include "core/memory.h"
#include "core/shipped.h"
#include "report/qualification_files.h"
#include "report/qualification_table.h"
#include "report/reports.h"
#include "report/terminal/closing.h"

struct compare_options {
    const char *policy, *output, *in, *index;
    struct option_texts where;
};

static const char usual_policy[] = "configs/qualification.yaml";
static const char built_in[] = "built in", standard_policy[] = "policy:standard";

/* Everything that is compared. */
struct comparing {
    struct policy policy;
    struct last_runs last; /* that the baseline is, where it is named so */
    struct side base, candidate;
    struct qualification qualification;
};

/* The file that was named, else the usual one; NULL: neither is there. */
static const char *policy_path(const struct compare_options *options)
{
    if (options->policy)
        return options->policy;
    return file_exists(usual_policy) ? usual_policy : NULL;
}

static bool read_policy(const char *path, struct comparing *comparing)
{
    struct faults faults = {0};
    bool done = path ? policy_read(path, &comparing->policy, &faults)
                     : policy_parse(shipped_find(standard_policy)->text, built_in,
                                    &comparing->policy, &faults);

    if (!path)
        fprintf(stderr, "note: there is no %s here; the built-in policy is used\n", usual_policy);
    for (size_t i = 0; i < faults.count; i++)
        fprintf(stderr, "coebench: %s\n", faults.text[i]);
    faults_clear(&faults);
    return done;
}

static bool hash_policy(const char *path, struct qualification *qualification, struct error *error)
{
    enum { POLICY_MOST = 16 << 20 };
    const struct shipped *shipped = shipped_find(path ? path : standard_policy);
    struct text text = {0};
    bool done = shipped || file_read(path, POLICY_MOST, &text, error);

    if (shipped)
        text_add_string(&text, shipped->text);
    if (done)
        file_sha256(text.bytes, text.length, qualification->policy_sha256);
    qualification->policy = path ? path : built_in;
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

static void name_files(const char *base)
{
    putchar('\n');
    reports_name(stdout, base);
    printf("beside:   %s%s, %s, %s\n", base, files[0].ending, files[1].ending, files[2].ending);
}

/* "<folder>/qualification_<candidate's first run>…" */
static bool write_files(struct comparing *comparing, const char *folder, struct error *error)
{
    char *stem = memory_printf("qualification_%s", comparing->candidate.runs.results[0].name);
    struct reports_file file[FILES] = {0};
    const struct reports_asked asked = {
        .folder = folder, .stem = stem, .file = file, .files = FILES};
    struct faults warnings = {0};
    char *base = NULL;
    bool done;

    for (size_t i = 0; i < FILES; i++) {
        file[i].ending = files[i].ending;
        files[i].add(&comparing->qualification, &file[i].content);
    }
    done = file_make_folders(folder, error) &&
           reports_write(&comparing->candidate.runs, &asked, &base, &warnings, error);
    notices_warn(&warnings);
    faults_clear(&warnings);
    if (done) {
        name_files(base);
        closing_of(stdout, &comparing->candidate.runs.report, base);
    }
    for (size_t i = 0; i < FILES; i++)
        text_clear(&file[i].content);
    free(base);
    free(stem);
    return done;
}

/* --- The command ------------------------------------------------------------------------------ */

static bool read_base(struct comparing *comparing, char **sides,
                      const struct compare_options *options, struct error *error)
{
    const struct last_asked asked = {sides[0], sides[1], options->in, options->index,
                                     &options->where};
    char *paths[] = {sides[0], NULL};

    if (!last_runs_is(sides[0])) {
        if (options->in || options->index || options->where.count > 0)
            return error_set(error,
                             "--in, --index and --where are for a baseline that is named last:N");
        return side_read(paths, sides[0], &comparing->policy, &comparing->base, error);
    }
    return last_runs_find(&asked, &comparing->last, error) &&
           side_read(comparing->last.path, comparing->last.name, &comparing->policy,
                     &comparing->base, error);
}

static bool read_candidate(struct comparing *comparing, char *candidate, struct error *error)
{
    char *paths[] = {candidate, NULL};

    return side_read(paths, candidate, &comparing->policy, &comparing->candidate, error);
}

static bool compare_sides(struct comparing *comparing, char **sides,
                          const struct compare_options *options, const char *policy,
                          struct error *error)
{
    if (!read_base(comparing, sides, options, error) ||
        !read_candidate(comparing, sides[1], error) ||
        !side_are_apart(&comparing->base, &comparing->candidate, error))
        return false;
    notices_warn(&comparing->base.runs.notes);
    notices_warn(&comparing->candidate.runs.notes);
    qualify(&comparing->base, &comparing->candidate, &comparing->policy, &comparing->qualification);
    if (!hash_policy(policy, &comparing->qualification, error))
        return false;
    qualification_table(stdout, &comparing->qualification);
    notices_of_losses(&comparing->base.runs);
    notices_of_losses(&comparing->candidate.runs);
    runs_note_definitions(&comparing->base.runs, &comparing->candidate.runs);
    notices_of_definitions(&comparing->base.runs);
    comparing->candidate.runs.report.definitions = comparing->base.runs.definitions;
    comparing->candidate.runs.report.qualification = &comparing->qualification;
    if (options->output)
        return write_files(comparing, options->output, error);
    closing_of(stdout, &comparing->candidate.runs.report, NULL);
    return true;
}

static int compare(const void *context, char **arguments)
{
    const struct compare_options *options = context;
    const char *policy = policy_path(options);
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
    last_runs_clear(&comparing.last);
    policy_clear(&comparing.policy);
    return code;
}

static const struct option options[] = {
    {"policy", "FILE", OPTION_TEXT, offsetof(struct compare_options, policy),
     "what must hold (default: configs/qualification.yaml, or where there is none "
     "policy:standard, the same built in)",
     0},
    {"in", "DIR", OPTION_TEXT, offsetof(struct compare_options, in),
     "of last:N: the folder of the runs (default: the one that CANDIDATE lies in)", 0},
    {"index", "FILE", OPTION_TEXT, offsetof(struct compare_options, index),
     "of last:N: their index, where it is not to be in that folder", 0},
    {"where", "label.NAME=VALUE", OPTION_TEXTS, offsetof(struct compare_options, where),
     "of last:N: runs with this label alone; may be given several times", 0},
    {"output", "DIR", OPTION_TEXT, offsetof(struct compare_options, output),
     "write workbook, page, JSON, JUnit XML and Markdown there", 'o'},
    {0},
};

const struct command command_compare = {
    .name = "compare",
    .arguments = "BASE CANDIDATE",
    .summary = "compare a release with the last one, by a policy",
    .help =
        "BASE and CANDIDATE are each a run directory or a folder of them, the starter kit's too.\n"
        "BASE may be last:N: the N newest finished runs that began before CANDIDATE, with the "
        "same\n"
        "endpoint and rows, found by the index of the folder, which is brought up to date.\n"
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
