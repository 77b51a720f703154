/* coebench stop: ends a run under way, as Ctrl-C in its terminal does. */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "command/command.h"
#include "store/run_pid.h"

struct stop_options {
    bool cancel, wait;
};

static int refuse(const char *folder)
{
    struct stat about;

    if (stat(folder, &about) == 0 && S_ISDIR(about.st_mode))
        fprintf(stderr,
                "coebench: %s: no run is under way here, so there is nothing to end; name the "
                "folder in which 'run' keeps its journal, on the machine where it runs\n",
                folder);
    else
        fprintf(stderr, "coebench: %s: there is no such folder; name a run directory\n", folder);
    return EXIT_BAD_INPUT;
}

/* Until the process is over, however long its run takes to end. */
static void wait_for_end(int process, const char *folder)
{
    struct pollfd over = {.fd = process, .events = POLLIN};

    while (poll(&over, 1, -1) < 0 && errno == EINTR)
        ;
    printf("ended: %s\n", folder);
}

static int stop(const void *context, char **arguments)
{
    const struct stop_options *options = context;
    pid_t pid;
    int process = run_pid_open(arguments[0], &pid);
    bool asked;

    if (process < 0)
        return refuse(arguments[0]);
    asked = run_pid_ask(process, options->cancel);
    if (!asked)
        fprintf(stderr, "coebench: %s: process %ld could not be asked to end: %s\n", arguments[0],
                (long)pid, strerror(errno));
    else {
        printf("asked: %s (process %ld) %s\n", arguments[0], (long)pid,
               options->cancel ? "cancels what is in flight"
                               : "sends no more; requests in flight may end");
        fflush(stdout);
        if (options->wait)
            wait_for_end(process, arguments[0]);
    }
    close(process);
    return asked ? EXIT_DONE : EXIT_BAD_INPUT;
}

static const struct option options[] = {
    {"cancel", NULL, OPTION_FLAG, offsetof(struct stop_options, cancel),
     "cancel requests in flight too, as a second Ctrl-C does", 0},
    {"wait", NULL, OPTION_FLAG, offsetof(struct stop_options, wait),
     "return when the run has ended", 'w'},
    {0},
};

const struct command command_stop = {
    .name = "stop",
    .arguments = "RUN",
    .summary = "end a run under way, as Ctrl-C in its terminal does",
    .help =
        "RUN is the directory of a run under way on this machine. Its process, which run.pid\n"
        "names, is asked to send no more: it waits stop_grace seconds for what is in flight,\n"
        "writes its results, and can be resumed by 'run --resume RUN'. A number that has become\n"
        "another process' since is never taken for the run's. Where no run is under way, the exit\n"
        "code is 2.",
    .options = options,
    .least = 1,
    .most = 1,
    .run = stop,
    .options_size = sizeof(struct stop_options),
};
