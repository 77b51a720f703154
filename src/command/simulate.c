/* coebench simulate: the simulated bundle endpoint, until it is stopped. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command/command.h"
#include "core/error.h"
#include "core/file.h"
#include "sim/certificate.h"
#include "sim/dialect.h"
#include "sim/lateness.h"
#include "sim/node.h"
#include "sim/node_file.h"
#include "sim/server.h"
#include "sim/truth.h"

static const char default_key[] = "demo-key";

struct options {
    int64_t port;
    const char *port_file;
    const char *ground_truth;
    int64_t seed;
    const char *tls_certificate, *tls_key;
    bool flood;
};

static int complain(const char *sentence)
{
    fprintf(stderr, "coebench simulate: %s\n", sentence);
    return EXIT_BAD_INPUT;
}

static bool read_file(const char *path, struct node_file *file)
{
    struct faults faults = {0};
    struct error error;
    bool done;

    if (node_file_read(path, file, &faults) && !node_accepts(file, &error))
        faults_add(&faults, path, 0, "%s", error.text);
    done = faults.count == 0;
    for (size_t i = 0; i < faults.count; i++)
        fprintf(stderr, "%s\n", faults.text[i]);
    faults_clear(&faults);
    return done;
}

static const char *choose_key(void)
{
    const char *given = getenv("COEBENCH_SIMULATOR_KEY");

    return given && *given ? given : default_key;
}

/* Where each dialect puts its questions, and who speaks it. */
static void tell_dialects(void)
{
    const struct sim_dialect *dialect;

    for (size_t i = 0; (dialect = sim_dialect_at(i)); i++)
        printf("  POST %-52s llm_api: %s\n", dialect->path, dialect->api);
}

/* Tells people on stdout, and programs in the port file, that the server listens. */
static bool announce(const struct server *server, const struct server_options *options,
                     const char *port_file, struct error *error)
{
    const char *scheme = options->certificate ? "https" : "http";
    char port[16];
    int length = snprintf(port, sizeof port, "%d\n", server_port(server));

    printf("listening on %s://127.0.0.1:%d/v1\n", scheme, server_port(server));
    tell_dialects();
    if (strcmp(options->key, default_key) == 0)
        printf("requests need the key '%s'; set COEBENCH_SIMULATOR_KEY for another\n",
               options->key);
    fflush(stdout);
    return !port_file || file_write(port_file, port, (size_t)length, error);
}

/* How well it kept its own times: what is measured against it cannot be more exact. */
static void tell_lateness(const struct lateness *lateness)
{
    if (lateness->count == 0)
        return;
    printf("%" PRId64 " tokens, late by: median %.1f us, p99 %.1f us, at most %.1f us\n",
           lateness->count, 1e-3 * (double)lateness_quantile_ns(lateness, 0.5),
           1e-3 * (double)lateness_quantile_ns(lateness, 0.99), 1e-3 * (double)lateness->most_ns);
}

static bool serve(const struct server_options *server_options, const struct options *options,
                  struct error *error)
{
    struct server *server = server_new(server_options, error);
    bool announced = server && announce(server, server_options, options->port_file, error);

    if (announced) {
        server_run(server);
        tell_lateness(server_lateness(server));
    }
    server_free(server);
    return announced;
}

/* Opens what the server works with. */
static bool prepare(struct server_options *server, const struct options *options,
                    struct error *error)
{
    if (options->tls_certificate) {
        server->certificate = certificate_new(options->tls_certificate, options->tls_key, error);
        if (!server->certificate)
            return false;
    }
    if (options->ground_truth)
        server->truth = truth_open(options->ground_truth, error);
    return !options->ground_truth || server->truth;
}

static int simulate(const struct options *options, const struct node_file *file)
{
    struct server_options server = {.file = file,
                                    .key = choose_key(),
                                    .port = (int)options->port,
                                    .seed = (uint64_t)options->seed,
                                    .flood = options->flood};
    struct error error;
    bool served, recorded;

    file_raise_open_limit(); /* each connection is an open file */
    served = prepare(&server, options, &error) && serve(&server, options, &error);
    if (!served)
        complain(error.text);
    certificate_free(server.certificate);
    recorded = truth_close(server.truth, &error);
    if (!recorded)
        complain(error.text);
    return served && recorded ? EXIT_DONE : EXIT_BAD_INPUT;
}

static int run(const void *given, char **arguments)
{
    const struct options *options = given;
    struct node_file file = {0};
    int code = EXIT_BAD_INPUT;

    if (options->port < 0 || options->port > 65535)
        return complain("--port takes a number from 0 to 65535");
    if (!options->tls_certificate != !options->tls_key)
        return complain("--tls-certificate and --tls-key belong together; give both");
    if (read_file(arguments[0], &file))
        code = options->flood && file.faults.count > 0
                   ? complain("with --flood nothing goes wrong; leave out --flood, or the bundle "
                              "file's faults")
                   : simulate(options, &file);
    node_file_clear(&file);
    return code;
}

static const struct option options_table[] = {
    {"port", "N", OPTION_INTEGER, offsetof(struct options, port),
     "port to listen on; 0, the default: the kernel picks", 0},
    {"port-file", "FILE", OPTION_TEXT, offsetof(struct options, port_file),
     "write the port there once it listens", 0},
    {"ground-truth", "FILE", OPTION_TEXT, offsetof(struct options, ground_truth),
     "append a line of JSON for each request: what the node did for it", 0},
    {"seed", "N", OPTION_INTEGER, offsetof(struct options, seed),
     "the seed of words, ids, noise and random faults; default 0", 0},
    {"tls-certificate", "FILE", OPTION_TEXT, offsetof(struct options, tls_certificate),
     "speak HTTPS, with this certificate (PEM)", 0},
    {"tls-key", "FILE", OPTION_TEXT, offsetof(struct options, tls_key),
     "the certificate's private key (PEM)", 0},
    {"flood", NULL, OPTION_FLAG, offsetof(struct options, flood),
     "respond as fast as sockets take it; the node's times do not hold", 0},
    {0},
};

const struct command command_simulate = {
    .name = "simulate",
    .arguments = "BUNDLE",
    .summary = "serve a simulated bundle of models on this machine",
    .help = "Serves the experts of the file BUNDLE on 127.0.0.1 only, until Ctrl-C or SIGTERM.\n"
            "Loading, batching, token speeds, noise and how tokens are counted follow the file;\n"
            "bundle:demo, bundle:faults and bundle:switching name those inside the program.\n"
            "\n"
            "It speaks every dialect, each at its own path, which the first lines list with the\n"
            "llm_api that it belongs to: OpenAI's chat completions, completions and responses and\n"
            "Anthropic's messages under /v1, Ollama's /api/chat, TGI's /generate_stream, and\n"
            "SambaStudio's generic APIs, followed by any PROJECT/ENDPOINT.\n"
            "\n"
            "POST /v1/messages/count_tokens and POST /tokenize count a prompt's tokens without\n"
            "the node. The groups behaviour and faults of the file make the server behave as\n"
            "others do, and fail; bundle:faults is an example.\n"
            "\n"
            "With --flood nothing waits for the node: many events go out in each write, the same\n"
            "words over and over, so that one can see how fast a client reads. Counts in usage\n"
            "are right; times there mean nothing then, and faults cannot be had. Else, when it\n"
            "ends, it prints how late its tokens were, just before they were written.\n"
            "\n"
            "The key that requests need comes from the environment variable\n"
            "COEBENCH_SIMULATOR_KEY ('demo-key' where it is not set).",
    .options = options_table,
    .least = 1,
    .most = 1,
    .run = run,
    .options_size = sizeof(struct options),
};
