/* coebench init: the files to begin with, written from the copies inside the program. */
#include <stdio.h>
#include <stdlib.h>

#include "command/command.h"
#include "core/create.h"
#include "core/file.h"
#include "core/memory.h"
#include "core/shipped.h"

static size_t count_files(void)
{
    size_t count = 0;

    while (shipped_table[count].path)
        count++;
    return count;
}

static bool write_all(const char *folder, struct error *error)
{
    size_t count = count_files();
    struct create_file *file = memory_new(count, sizeof *file);
    bool done;

    for (size_t i = 0; i < count; i++)
        file[i] = (struct create_file){shipped_table[i].path, shipped_table[i].text};
    done = create_files(folder, file, count, error);
    free(file);
    return done;
}

static void print_written(const char *folder)
{
    for (const struct shipped *one = shipped_table; one->path; one++) {
        char *path = file_join(folder, one->path);

        printf("wrote %s\n", path);
        free(path);
    }
}

static void print_next(const char *folder)
{
    printf("\nNext, in this folder (%s), against the simulated bundle:\n\n"
           "    cp .env.example .env\n"
           "    coebench simulate bundle:demo --port 8000 &\n"
           "    coebench run\n\n"
           "For an endpoint of your own, edit .env and model_configs/model_configs_demo.csv;\n"
           "'coebench plan' checks both.\n",
           folder);
}

static int init(const void *options, char **arguments)
{
    const char *folder = arguments[0] ? arguments[0] : ".";
    struct error error;

    (void)options;
    if (!write_all(folder, &error)) {
        fprintf(stderr, "coebench init: %s\n", error.text);
        return EXIT_BAD_INPUT;
    }
    print_written(folder);
    print_next(folder);
    return EXIT_DONE;
}

const struct command command_init = {
    .name = "init",
    .arguments = "[DIR]",
    .summary = "write config, rows, bundle, policy and prompts to begin with",
    .help =
        "Writes into DIR (default: the working directory) the files that the program ships with:\n"
        "configs/ (config.yaml, bundles, policy, prompts, a switching study), model_configs/ (the\n"
        "rows of each) and .env.example, where the endpoint and its key are named. No network and\n"
        "no checkout is needed. A file that is there is never replaced: then nothing is written.\n"
        "\n"
        "After it, 'coebench run' in DIR measures what the environment or .env name, such as\n"
        "'coebench simulate bundle:demo'.",
    .least = 0,
    .most = 1,
    .run = init,
};
