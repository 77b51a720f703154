/* coebench: picks the command. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command/command.h"
#include "core/word.h"

static const char *name_at(const void *table, size_t i)
{
    return ((const struct command *const *)table)[i]->name;
}

static void print_help(void)
{
    puts("usage: coebench COMMAND [OPTION…] [ARGUMENT…]\n\n"
         "Measures an endpoint that hosts many models: runs the rows of a CSV one after another,\n"
         "estimates what each switch of model cost, and leaves JSON per row, a workbook and a "
         "page.\n\n"
         "Commands:");
    for (size_t i = 0; command_table[i]; i++)
        printf("  %-10s %s\n", command_table[i]->name, command_table[i]->summary);
    puts("\n'coebench COMMAND --help' explains one. Start with: coebench plan, coebench run.");
}

static const struct command *find(const char *name)
{
    for (size_t i = 0; command_table[i]; i++) {
        if (strcmp(command_table[i]->name, name) == 0)
            return command_table[i];
    }
    return NULL;
}

static int unknown(const char *name)
{
    size_t count = 0;
    const char *near;

    while (command_table[count])
        count++;
    near = word_nearest(name, command_table, count, name_at);
    fprintf(stderr, "coebench: unknown command '%s'", name);
    if (near)
        fprintf(stderr, "; did you mean '%s'?\n", near);
    else
        fputs("; 'coebench --help' lists the commands\n", stderr);
    return EXIT_BAD_INPUT;
}

static int pick(char **words)
{
    const struct command *command;

    if (!words[0]) {
        print_help();
        return EXIT_BAD_INPUT;
    }
    if (strcmp(words[0], "--version") == 0) {
        printf("coebench %s\n", COEBENCH_VERSION);
        return EXIT_DONE;
    }
    if (strcmp(words[0], "--help") == 0 || strcmp(words[0], "-h") == 0 ||
        (strcmp(words[0], "help") == 0 && !words[1])) {
        print_help();
        return EXIT_DONE;
    }
    if (strcmp(words[0], "help") == 0)
        return (command = find(words[1])) ? (command_help(command), EXIT_DONE) : unknown(words[1]);
    command = find(words[0]);
    return command ? command_call(command, words + 1) : unknown(words[0]);
}

int main(int argc, char **argv)
{
    int code;

    (void)argc;
    signal(SIGPIPE, SIG_IGN); /* a reader that went away is an error of write, not the end */
    signal(SIGXFSZ, SIG_IGN); /* and so is a file that may grow no further */
    code = pick(argv + 1);
    if ((fflush(stdout) != 0 || ferror(stdout)) && code == EXIT_DONE) {
        fputs("coebench: not all of the output could be written\n", stderr);
        code = EXIT_BAD_INPUT;
    }
    exit(code);
}
