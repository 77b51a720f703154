/* manual: the man page and the shells' completions, from the tables that --help is made from. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command/command.h"
#include "command/completion.h"
#include "command/markdown.h"
#include "command/roff.h"
#include "command/setting_text.h"
#include "core/memory.h"
#include "core/setting.h"
#include "core/text.h"
#include "plan/environment.h"
#include "plan/policy.h"
#include "plan/settings.h"
#include "sim/node_file.h"

struct manual_options {
    const char *completion;
    const char *table;
};

/* A thing and its description. */
struct entry {
    const char *name, *words;
};

static const char description[] =
    "Measures an endpoint that hosts many models behind one address, where calling another model,\n"
    "sequence length or batch size makes the node load other weights: a switch. Reads a config "
    "and\n"
    "a CSV of rows (model, tokens, requests, concurrency or requests per second, image size), "
    "runs\n"
    "the rows one after another over streaming HTTP, estimates what each switch cost, and leaves\n"
    "JSON files per row, one workbook and one page. It needs no tokenizer.\n\n"
    "Results go to standard output, everything else to standard error. All faults of the inputs\n"
    "are reported at once, with file and line, before anything is sent.";

static const struct entry files[] = {
    {"configs/config.yaml", "the config that is taken where none is named"},
    {".env", "variables for the endpoint, in the working directory or beside the config"},
    {"<output_files_dir>/<date>/manifest.json",
     "what was asked: settings without secrets, seed, versions, host"},
    {"<output_files_dir>/<date>/inputs/", "config and rows of a run that bench typed"},
    {"<output_files_dir>/<date>/journal.jsonl", "a line for each request, added as it ends"},
    {"<output_files_dir>/<date>/<step>_individual_responses.json", "every request of a row"},
    {"<output_files_dir>/<date>/<step>_probe.json",
     "the requests of its probe, where there was one"},
    {"<output_files_dir>/<date>/<step>_phases.json",
     "the requests of its warm-up and its cool-down, where it has them"},
    {"<output_files_dir>/<date>/<step>_summary.json", "a row's figures"},
    {"<output_files_dir>/<date>/<step>_telemetry.jsonl",
     "what servers told of themselves during a row, where telemetry asks them"},
    {"<output_files_dir>/<date>/switching.json", "what switches cost, and the evidence for it"},
    {"<consolidated_results_dir>/consolidated_results_<date>.xlsx",
     "the workbook: a line for each row, in the order they ran, and all the rest"},
    {"<consolidated_results_dir>/consolidated_results_<date>.html",
     "the page: the same results for a browser, in one file"},
    {"configs/qualification.yaml", "the policy that compare goes by where none is named"},
    {0},
};

static const struct entry examples[] = {
    {"Serve a simulated bundle of models, check a run against it, and do it:",
     "coebench init\n"
     "coebench simulate bundle:demo --port 8000 &\n"
     "export SAMBANOVA_API_BASE=http://127.0.0.1:8000/v1\n"
     "export SAMBANOVA_API_KEY=demo-key\n"
     "coebench calibrate\n"
     "coebench plan\n"
     "coebench run --name first"},
    {"Write rows for your own endpoint, check them, and run them:",
     "export SAMBANOVA_API_BASE=https://my-node.example/v1\n"
     "export SAMBANOVA_API_KEY=your-key\n"
     "coebench rows --output rows.csv\n"
     "coebench calibrate --rows rows.csv\n"
     "coebench plan --rows rows.csv\n"
     "coebench run --rows rows.csv --name mine"},
    {"Measure a model at three concurrencies, without a config and a CSV:",
     "coebench bench --model my-model --url http://localhost:8000/v1 -c 1,4,16 -n 40"},
    {"Hold one run against another:", "coebench compare results/first results/mine"},
    {"Run other rows with two settings changed and the same prompts each time:",
     "coebench run config.yaml --rows rows.csv --seed 7 \\\n"
     "    --set timeout=60 --set connection.idle_timeout=30"},
    {"Complete command lines in this bash, or in this zsh:",
     "eval \"$(coebench manual --completion bash)\"\n"
     "eval \"$(coebench manual --completion zsh)\""},
    {0},
};

/* The files whose keys --table prints. */
static const struct {
    const char *name;
    const struct setting *settings;
} tables[] = {
    {"settings", settings_table},
    {"bundle", node_file_table},
    {"policy", policy_table},
    {0},
};

/* --- The page ---------------------------------------------------------------------------------*/

/* The end of a line that began with what takes them. */
static void print_arguments(const char *arguments)
{
    if (arguments && *arguments) {
        putchar(' ');
        roff_arguments(arguments);
    }
    putchar('\n');
}

static void print_synopsis(void)
{
    puts(".SH SYNOPSIS\n.nf");
    for (size_t i = 0; command_table[i]; i++) {
        const struct command *command = command_table[i];

        printf("\\fBcoebench %s\\fR", command->name);
        roff_arguments(command->options ? " [OPTION…]" : "");
        print_arguments(command->arguments);
    }
    puts("\\fBcoebench help\\fR [\\fICOMMAND\\fR|\\fITOPIC\\fR]\n\\fBcoebench "
         "\\-\\-version\\fR [\\fB\\-\\-verbose\\fR]\n.fi");
}

static void print_option(const struct option *option)
{
    puts(".TP");
    if (option->letter)
        printf("\\fB\\-%c\\fR, ", option->letter);
    printf("\\fB\\-\\-");
    roff_exact(option->name);
    printf("\\fR");
    print_arguments(option->argument);
    roff_prose(option->help);
    putchar('\n');
}

static void print_commands(void)
{
    puts(".SH COMMANDS");
    roff_prose("Options may appear anywhere behind the command, as --option VALUE or "
               "--option=VALUE, or by a short name as -o VALUE; a lone -- ends them. Each command "
               "also takes --help.\n");
    for (size_t i = 0; command_table[i]; i++) {
        const struct command *command = command_table[i];

        printf(".SS coebench %s", command->name);
        print_arguments(command->arguments);
        roff_prose(command->help);
        putchar('\n');
        for (const struct option *o = command->options; o && o->name; o++)
            print_option(o);
    }
}

/* Every setting of a table with its members behind it, as "group.key" and "list[].key". */
static void print_settings(const struct setting *table, const char *prefix)
{
    for (const struct setting *s = table; s->name; s++) {
        const char *behind = s->type == SETTING_LIST ? "[]." : ".";
        char *name = memory_printf("%s%s", prefix, s->name);
        struct text takes = {0};

        setting_text_type(&takes, s);
        setting_text_default(&takes, s, "; default ");
        puts(".TP");
        roff_bold(name);
        printf(" (");
        roff_exact(takes.bytes);
        puts(")");
        roff_prose(s->help);
        putchar('\n');
        if (s->members) {
            char *longer = memory_printf("%s%s", name, behind);

            print_settings(s->members, longer);
            free(longer);
        }
        text_clear(&takes);
        free(name);
    }
}

static void print_configuration(void)
{
    puts(".SH CONFIGURATION");
    roff_prose("A config is a YAML file of these keys. The members of a group stand indented below "
               "it; on the command line they are written with a dot: --set "
               "connection.idle_timeout=30. An unknown key is an error that names the nearest "
               "known one.\n");
    print_settings(settings_table, "");
    puts(".SH BUNDLE FILE");
    roff_prose("A bundle is a YAML file that describes a node and the models it hosts. "
               "Members of a list stand in each of its items.\n");
    print_settings(node_file_table, "");
    puts(".SH POLICY");
    roff_prose("A policy is a YAML file that sets what a candidate must keep beside a baseline "
               "(compare). A measure is a metric with its statistic (client_ttft_s_p50), or "
               "error_rate, goodput_share, goodput_requests_per_s, client_total_output_throughput, "
               "switch_s.\n");
    print_settings(policy_table, "");
}

/* The head of an entry: names in bold. */
static void print_names(const char *const *names)
{
    puts(".TP");
    for (size_t i = 0; names[i]; i++) {
        fputs(i ? ", " : "", stdout);
        roff_bold(names[i]);
    }
    putchar('\n');
}

static void print_family(const struct environment_family *family, const char *api)
{
    const char *const key[] = {family->key, NULL};

    print_names(family->address);
    printf("the address with llm_api \\fB%s\\fR", api);
    if (family->fallback) {
        printf("; default ");
        roff_exact(family->fallback);
    }
    putchar('\n');
    if (family->parts[0]) {
        print_names(family->parts);
        puts("the same in four parts, as older files give it:\n"
             "\\fIBASE_URL\\fR/\\fIBASE_URI\\fR/stream/\\fIPROJECT_ID\\fR/\\fIENDPOINT_ID\\fR");
    }
    if (!family->key)
        return;
    print_names(key);
    printf("the key with llm_api \\fB%s\\fR\n", api);
}

static void print_environment(void)
{
    puts(".SH ENVIRONMENT");
    roff_prose("Where the endpoint is, and its key. The environment wins over .env in the "
               "working directory, and that over .env beside the config. The key is sent to the "
               "address only, and written nowhere. Proxy variables are not followed.\n");
    for (int api = 0; api_names[api]; api++)
        print_family(&api_at((enum llm_api)api)->environment, api_names[api]);
    puts(".TP\n\\fBCOEBENCH_SIMULATOR_KEY\\fR");
    roff_prose("the key that requests to coebench simulate need; default demo-key\n");
}

static void print_files(void)
{
    puts(".SH FILES");
    for (const struct entry *file = files; file->name; file++) {
        puts(".TP");
        roff_exact(file->name);
        putchar('\n');
        roff_prose(file->words);
        putchar('\n');
    }
}

static void print_exits(void)
{
    puts(".SH EXIT STATUS");
    for (const struct exit_words *exits = exit_table; exits->words; exits++) {
        printf(".TP 6\n\\fB%d\\fR\n", (int)exits->code);
        roff_prose(exits->words);
        putchar('\n');
    }
    puts(".PP\nWhere several hold, 130 or 143 comes first, then 2, 3, 4 and 1.");
}

static void print_examples(void)
{
    puts(".SH EXAMPLES");
    for (const struct entry *example = examples; example->name; example++) {
        if (example > examples)
            puts(".PP");
        roff_prose(example->name);
        puts("\n.PP\n.RS 4\n.nf");
        roff_exact(example->words);
        puts("\n.fi\n.RE");
    }
}

static void print_page(void)
{
    printf(".\\\" Made by 'coebench manual' from the program's tables: change those.\n"
           ".TH COEBENCH 1 \"\" \"coebench %s\"\n"
           ".SH NAME\ncoebench \\- measure an endpoint that hosts many models\n",
           COEBENCH_VERSION);
    print_synopsis();
    print_examples();
    puts(".SH DESCRIPTION");
    roff_prose(description);
    putchar('\n');
    print_commands();
    print_configuration();
    print_environment();
    print_files();
    print_exits();
    puts(".SH SEE ALSO\n.BR curl (1)");
}

/* --- The command ------------------------------------------------------------------------------ */

static bool print_table(const char *name)
{
    if (strcmp(name, "routes") == 0) {
        markdown_routes();
        return true;
    }
    if (strcmp(name, "servers") == 0) {
        markdown_servers();
        return true;
    }
    if (strcmp(name, "states") == 0) {
        markdown_states();
        return true;
    }
    for (size_t i = 0; tables[i].name; i++) {
        if (strcmp(tables[i].name, name) == 0) {
            markdown_settings(tables[i].settings);
            return true;
        }
    }
    return false;
}

/* An option's value that the program does not know. */
static int refuse(const char *option, const char *takes, const char *value)
{
    fprintf(stderr, "coebench manual: --%s takes %s, not '%s'\n", option, takes, value);
    return EXIT_BAD_INPUT;
}

static int manual(const void *context, char **arguments)
{
    const struct manual_options *options = context;

    (void)arguments;
    if (options->completion && options->table) {
        fputs("coebench manual: --completion and --table each print one thing; keep one\n", stderr);
        return EXIT_BAD_INPUT;
    }
    if (options->completion && !completion_print(options->completion))
        return refuse("completion", "bash or zsh", options->completion);
    if (options->table && !print_table(options->table))
        return refuse("table", "settings, bundle, policy, servers, states or routes",
                      options->table);
    if (!options->completion && !options->table)
        print_page();
    return EXIT_DONE;
}

static const struct option options_table[] = {
    {"completion", "bash|zsh", OPTION_TEXT, offsetof(struct manual_options, completion),
     "print what this shell needs to complete command lines instead", 0},
    {"table", "settings|bundle|policy", OPTION_TEXT, offsetof(struct manual_options, table),
     "print the keys of a config, bundle file or policy as a Markdown table instead", 0},
    {0},
};

const struct command command_manual = {
    .name = "manual",
    .arguments = "",
    .summary = "print the man page or a shell's completion",
    .help = "Prints the man page: every command, option, key of a config and exit code. Read it\n"
            "with: coebench manual | man -l -",
    .options = options_table,
    .least = 0,
    .most = 0,
    .run = manual,
    .options_size = sizeof(struct manual_options),
};
