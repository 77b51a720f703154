/* coebench serve: the workbench in a browser, until it is stopped. */
#include <stdio.h>
#include <string.h>

#include "command/command.h"
#include "core/file.h"
#include "serve/serve.h"

struct options {
    int64_t port;
    const char *port_file, *address, *public_host;
    bool anyway, quiet;
};

static int complain(const char *sentence)
{
    fprintf(stderr, "coebench serve: %s\n", sentence);
    return EXIT_BAD_INPUT;
}

/* Whether this process runs in a container, whose ports are its own. */
static bool is_contained(void)
{
    return file_exists("/.dockerenv") || file_exists("/run/.containerenv");
}

/* What another address takes; NULL: fine. */
static const char *refuse_address(const struct options *options)
{
    if (!options->address && !options->public_host)
        return NULL;
    if (!options->address || !options->public_host)
        return "--listen and --public-host belong together; give both";
    if (!strchr(options->public_host, ':'))
        return "--public-host takes NAME:PORT, as the browser's address line has it";
    if (!options->anyway && !is_contained())
        return "--listen is for containers, and this is none: nothing is encrypted. To reach this "
               "machine from another, use 'ssh -L'; --listen-anyway listens all the same";
    return NULL;
}

static void show_link(const char *root, const char *link, bool first)
{
    if (first)
        printf("The workbench over '%s'. This link opens it once; Enter prints another, Ctrl-C "
               "ends it:\n",
               root);
    puts(link);
    fflush(stdout);
}

static void tell_request(const char *line)
{
    fprintf(stderr, "%s\n", line);
}

static int serve(const void *given, char **arguments)
{
    const struct options *options = given;
    const struct serve_options serve_options = {.root = arguments[0] ? arguments[0] : "results",
                                                .port = (int)options->port,
                                                .address = options->address,
                                                .public_host = options->public_host,
                                                .port_file = options->port_file,
                                                .show_link = show_link,
                                                .tell_request =
                                                    options->quiet ? NULL : tell_request};
    const char *refusal = refuse_address(options);
    struct error error;

    if (options->port < 0 || options->port > 65535)
        return complain("--port takes a number from 0 to 65535");
    if (refusal)
        return complain(refusal);
    if (options->anyway)
        fprintf(stderr, "warning: whoever reaches this address reads what is sent: nothing is "
                        "encrypted\n");
    if (!serve_until_stopped(&serve_options, &error))
        return complain(error.text);
    return EXIT_DONE;
}

static const struct option options_table[] = {
    {"port", "N", OPTION_INTEGER, offsetof(struct options, port),
     "port to listen on; 0, the default: the kernel picks", 0},
    {"port-file", "FILE", OPTION_TEXT, offsetof(struct options, port_file),
     "write the port there once it listens", 0},
    {"listen", "ADDRESS", OPTION_TEXT, offsetof(struct options, address),
     "in a container: listen on this IPv4 address; with --public-host", 0},
    {"public-host", "NAME:PORT", OPTION_TEXT, offsetof(struct options, public_host),
     "what browsers have in their address line then", 0},
    {"listen-anyway", NULL, OPTION_FLAG, offsetof(struct options, anyway),
     "--listen outside a container; nothing is encrypted", 0},
    {"quiet", NULL, OPTION_FLAG, offsetof(struct options, quiet), "tell of no request", 'q'},
    {0},
};

const struct command command_serve = {
    .name = "serve",
    .arguments = "[DIR]",
    .summary = "open the workbench: runs in a browser on this machine",
    .help =
        "Serves the runs under DIR (default: results) to a browser on this machine: their list,\n"
        "their reports and their files. It listens on 127.0.0.1 only and prints a link, which\n"
        "opens the workbench once; Enter prints another. Ctrl-C ends it.\n"
        "\n"
        "From another machine: ssh -L 8000:127.0.0.1:8000 HOST, with --port 8000 here.\n"
        "Each request is told in a line on stderr; --quiet leaves that out.",
    .options = options_table,
    .most = 1,
    .run = serve,
    .options_size = sizeof(struct options),
};
