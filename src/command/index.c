/* coebench index: one SQLite database over all runs, made from run directories alone. */
#include <stdio.h>

#include "command/command.h"
#include "command/notices.h"
#include "core/text.h"
#include "store/index/list.h"
#include "store/index/update.h"

struct index_options {
    const char *output, *search, *label, *model, *verdict;
    int64_t page;
    bool rebuild, requests, json, list;
};

enum { RUNS_ON_A_PAGE = 50 };

static void print_made(const struct index_made *made)
{
    printf("index: %s\n%zu run%s", made->file, made->runs, made->runs == 1 ? "" : "s");
    if (made->running > 0)
        printf(" (%zu under way)", made->running);
    printf(", %zu step%s", made->steps, made->steps == 1 ? "" : "s");
    if (made->requests > 0)
        printf(", %zu request%s", made->requests, made->requests == 1 ? "" : "s");
    if (made->comparisons > 0)
        printf(", %zu comparison%s", made->comparisons, made->comparisons == 1 ? "" : "s");
    printf("; of run directories %zu added, %zu updated, %zu removed\n", made->added, made->updated,
           made->removed);
}

static void print_json(const struct index_made *made)
{
    struct text json = {0};

    text_add_string(&json, "{\"index\": ");
    text_add_json(&json, made->file);
    text_printf(&json,
                ", \"runs\": %zu, \"running\": %zu, \"steps\": %zu, \"requests\": %zu, "
                "\"comparisons\": %zu, \"added\": %zu, \"updated\": %zu, \"removed\": %zu, "
                "\"problems\": %zu}\n",
                made->runs, made->running, made->steps, made->requests, made->comparisons,
                made->added, made->updated, made->removed, made->problems.count);
    fputs(json.bytes, stdout);
    text_clear(&json);
}

/* --- The list --------------------------------------------------------------------------------- */

static void print_run(const struct index_listed *run)
{
    printf("%.19s  %s  %s  %zu/%zu steps, %zu/%zu requests%s%s  %s%s%s\n",
           *run->started_utc ? run->started_utc : "-                  ", run->path, run->state,
           run->steps, run->steps_planned, run->num_completed_requests, run->num_requests_started,
           *run->measurement_verdict ? ", " : "", run->measurement_verdict, run->models,
           *run->labels ? "  " : "", run->labels);
}

static void print_list(const struct index_list *list, int64_t page)
{
    for (size_t i = 0; i < list->count; i++)
        print_run(&list->run[i]);
    printf("%zu run%s, page %lld of %zu\n", list->total, list->total == 1 ? "" : "s",
           (long long)page, (list->total + RUNS_ON_A_PAGE - 1) / RUNS_ON_A_PAGE);
}

static void add_run_json(struct text *json, const struct index_listed *run)
{
    const struct {
        const char *key, *text;
    } texts[] = {{"id", run->id},
                 {"path", run->path},
                 {"name", run->name},
                 {"state", run->state},
                 {"started_utc", run->started_utc},
                 {"endpoint", run->endpoint},
                 {"measurement_verdict", run->measurement_verdict},
                 {"models", run->models},
                 {"labels", run->labels}};

    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        text_printf(json, "%s\"%s\": ", i == 0 ? "{" : ", ", texts[i].key);
        text_add_json(json, texts[i].text);
    }
    text_printf(json,
                ", \"steps\": %zu, \"steps_planned\": %zu, \"num_requests_started\": %zu, "
                "\"num_completed_requests\": %zu, \"number_errors\": %zu}",
                run->steps, run->steps_planned, run->num_requests_started,
                run->num_completed_requests, run->number_errors);
}

static void print_list_json(const struct index_list *list)
{
    struct text json = {0};

    text_printf(&json, "{\"total\": %zu, \"runs\": [", list->total);
    for (size_t i = 0; i < list->count; i++) {
        text_add_string(&json, i == 0 ? "\n" : ",\n");
        add_run_json(&json, &list->run[i]);
    }
    text_add_string(&json, "]}\n");
    fputs(json.bytes, stdout);
    text_clear(&json);
}

static bool list_runs(const struct index_options *options, const char *file, struct error *error)
{
    const struct index_wanted wanted = {.search = options->search,
                                        .label = options->label,
                                        .model = options->model,
                                        .verdict = options->verdict,
                                        .page = (size_t)options->page,
                                        .per_page = RUNS_ON_A_PAGE};
    struct index_list list;
    bool done = index_list_read(file, &wanted, &list, error);

    if (done)
        options->json ? print_list_json(&list)
                      : print_list(&list, options->page > 0 ? options->page : 1);
    index_list_clear(&list);
    return done;
}

/* What only a list can be narrowed by. */
static bool may_narrow(const struct index_options *options)
{
    if (options->page < 0) {
        fputs("coebench index: --page takes a whole number from 1\n", stderr);
        return false;
    }
    if (options->list || (!options->search && !options->label && !options->model &&
                          !options->verdict && options->page == 0))
        return true;
    fputs("coebench index: --search, --label, --model, --verdict and --page narrow a list; add "
          "--list\n",
          stderr);
    return false;
}

static bool print(const struct index_options *options, const struct index_made *made,
                  struct error *error)
{
    if (options->list)
        return list_runs(options, made->file, error);
    options->json ? print_json(made) : print_made(made);
    return true;
}

static int index_runs(const void *context, char **arguments)
{
    const struct index_options *options = context;
    const struct index_asked asked = {.root = arguments[0] ? arguments[0] : "results",
                                      .file = options->output,
                                      .anew = options->rebuild,
                                      .requests = options->requests};
    struct index_made made;
    struct error error;
    bool done;
    int code;

    if (!may_narrow(options))
        return EXIT_BAD_INPUT;
    done = index_update(&asked, &made, &error);
    notices_warn(&made.notes);
    notices_warn(&made.problems);
    done = done && print(options, &made, &error);
    code = !done ? EXIT_BAD_INPUT : made.problems.count > 0 ? EXIT_INCOMPLETE : EXIT_DONE;
    if (!done)
        fprintf(stderr, "coebench: %s\n", error.text);
    index_made_clear(&made);
    return code;
}

static const struct option options[] = {
    {"output", "FILE", OPTION_TEXT, offsetof(struct index_options, output),
     "the database (default: .coebench-index.sqlite in DIR)", 'o'},
    {"rebuild", NULL, OPTION_FLAG, offsetof(struct index_options, rebuild),
     "read every run again, not only those that have changed", 0},
    {"requests", NULL, OPTION_FLAG, offsetof(struct index_options, requests),
     "a table of all requests too; once asked for, it is kept until --rebuild without it", 0},
    {"list", NULL, OPTION_FLAG, offsetof(struct index_options, list),
     "print the runs, newest first, 50 on a page", 'l'},
    {"search", "TEXT", OPTION_TEXT, offsetof(struct index_options, search),
     "of the list: runs with TEXT in path, label or model", 0},
    {"label", "NAME=VALUE", OPTION_TEXT, offsetof(struct index_options, label),
     "of the list: runs with this label, or with one of this name", 0},
    {"model", "NAME", OPTION_TEXT, offsetof(struct index_options, model),
     "of the list: runs with a step of this model", 0},
    {"verdict", "valid|degraded|invalid", OPTION_TEXT, offsetof(struct index_options, verdict),
     "of the list: runs whose worst step is so", 0},
    {"page", "N", OPTION_INTEGER, offsetof(struct index_options, page),
     "of the list: its page N; default 1", 0},
    {"json", NULL, OPTION_FLAG, offsetof(struct index_options, json), "print one JSON object", 'j'},
    {0},
};

const struct command command_index = {
    .name = "index",
    .arguments = "[DIR]",
    .summary = "keep one SQLite database over all runs in a folder",
    .help =
        "Reads the run directories in DIR (default: results) and in folders of it, four deep, and\n"
        "puts what their manifests, summaries and switching studies say into the tables run, "
        "label,\n"
        "step, metric and switch of one SQLite database, and the comparisons that lie beside them\n"
        "into comparison, for whatever reads such. The next time it reads what is new or has\n"
        "changed, and takes out what has gone. A run under way is there with its state. A\n"
        "copy of a run is left out with a line. A run or a step with a broken file is left out\n"
        "with a warning, and the exit code is 3. Symbolic links are not followed. The database\n"
        "may be removed at any time: it holds nothing that the run directories do not. With "
        "--list\n"
        "the runs are printed, newest first, as far as they are wanted.\n"
        "'coebench help index' describes the tables.",
    .options = options,
    .least = 0,
    .most = 1,
    .run = index_runs,
    .options_size = sizeof(struct index_options),
    .exits = {EXIT_INCOMPLETE},
};
