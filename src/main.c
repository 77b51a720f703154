/* coebench: picks the command. */
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cluster/cluster.h"
#include "command/command.h"
#include "command/help.h"
#include "command/version.h"
#include "core/file.h"
#include "core/memory.h"
#include "core/word.h"

static const char *name_at(const void *table, size_t i)
{
    return ((const struct command *const *)table)[i]->name;
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

/* What stands in the place of a command and is none. */
enum plain_word { WORD_OTHER, WORD_HELP, WORD_VERSION };

static enum plain_word plain_word_of(const char *word)
{
    static const struct {
        const char *text;
        enum plain_word word;
    } words[] = {{"--help", WORD_HELP},       {"-h", WORD_HELP},    {"help", WORD_HELP},
                 {"--version", WORD_VERSION}, {"-V", WORD_VERSION}, {"version", WORD_VERSION}};
    static const char *const long_names[] = {"--help", "--version", NULL};
    const char *near = NULL;

    for (int turn = 0; turn < 2; turn++) {
        for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
            if (strcmp(words[i].text, near ? near : word) == 0)
                return words[i].word;
        }
        near = strncmp(word, "--", 2) == 0 ? word_nearest_in(word, long_names) : NULL;
        if (!near)
            return WORD_OTHER;
        fprintf(stderr, "coebench: '%s' is taken for '%s'\n", word, near);
    }
    return WORD_OTHER;
}

/* Each of several processes would do the same. */
static int refuse_ranks(const struct command *command)
{
    fprintf(stderr,
            "coebench: '%s' runs in one process: only 'run' is shared by the ranks that "
            "mpirun starts; start this without mpirun\n",
            command->name);
    return EXIT_BAD_INPUT;
}

/* `reports_loss` as the command has it. */
static int pick(char **words, bool *reports_loss)
{
    const struct command *command;

    if (!words[0]) {
        help_print();
        return EXIT_BAD_INPUT;
    }
    switch (plain_word_of(words[0])) {
    case WORD_HELP:
        if (strcmp(words[0], "help") == 0 && words[1])
            return help_call(words[1]);
        help_print();
        return EXIT_DONE;
    case WORD_VERSION:
        return version_call(words[1]);
    default:
        command = command_find(words[0]);
        *reports_loss = command && command->reports_loss && !command_asks_for_help(words + 1);
        if (command && command != &command_run && cluster_is_many())
            return refuse_ranks(command);
        return command ? command_call(command, words + 1) : unknown(words[0]);
    }
}

/* Whether the reader of a pipe went away, as `head` does: it has what it wanted. */
static bool reader_left(void)
{
    struct pollfd out = {.fd = STDOUT_FILENO, .events = POLLOUT};

    return poll(&out, 1, 0) == 1 && (out.revents & (POLLERR | POLLHUP));
}

int main(int argc, char **argv)
{
    bool reports_loss = false;
    int code;

    (void)argc;
    memory_prepare();
    if (!file_take_standard_places())
        exit(EXIT_BAD_INPUT); /* there may be no place to say so */
    signal(SIGPIPE, SIG_IGN); /* a reader that went away is an error of write, not the end */
    signal(SIGXFSZ, SIG_IGN); /* and so is a file that may grow no further */
    code = pick(argv + 1, &reports_loss);
    if ((fflush(stdout) != 0 || ferror(stdout)) && code == EXIT_DONE &&
        (reports_loss || !reader_left())) {
        fputs("coebench: not all of the output could be written\n", stderr);
        code = EXIT_BAD_INPUT;
    }
    exit(code);
}
