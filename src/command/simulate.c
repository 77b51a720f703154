/* coebench simulate: the simulated bundle endpoint, until it is told to stop. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "command/command.h"
#include "core/bundle.h"
#include "core/error.h"
#include "core/file.h"
#include "sim/identity.h"
#include "sim/lateness.h"
#include "sim/node.h"
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

static bool read_bundle(const char *path, struct bundle *bundle)
{
    struct faults faults = {0};
    struct error error;
    bool done = bundle_read(path, bundle, &faults);

    for (size_t i = 0; i < faults.count; i++)
        fprintf(stderr, "%s\n", faults.text[i]);
    faults_clear(&faults);
    if (done && !node_accepts(bundle, &error)) {
        fprintf(stderr, "%s: %s\n", path, error.text);
        done = false;
    }
    return done;
}

static const char *choose_key(void)
{
    const char *given = getenv("COEBENCH_SIMULATOR_KEY");

    return given && *given ? given : default_key;
}

/* Each connection is an open file: as many as the system lets us have. */
static void raise_file_limit(void)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
}

/* Tells people on stdout, and programs in the port file, that the server listens. */
static bool announce(const struct server *server, const struct server_options *options,
                     const char *port_file, struct error *error)
{
    const char *scheme = options->identity ? "https" : "http";
    char port[16];
    int length = snprintf(port, sizeof port, "%d\n", server_port(server));

    printf("listening on %s://127.0.0.1:%d/v1\n"
           "and, for SambaStudio's generic APIs, on "
           "%s://127.0.0.1:%d/api/v2/predict/generic/stream/PROJECT/ENDPOINT\n",
           scheme, server_port(server), scheme, server_port(server));
    if (strcmp(options->key, default_key) == 0)
        printf("requests must bear the key '%s'; set COEBENCH_SIMULATOR_KEY for another\n",
               options->key);
    fflush(stdout);
    return !port_file || file_write(port_file, port, (size_t)length, error);
}

static double microseconds(int64_t ns)
{
    return (double)ns / 1000;
}

/* How well it kept its own times: what is measured against it cannot be more exact. */
static void tell_lateness(const struct lateness *lateness)
{
    if (lateness->count == 0)
        return;
    printf("%" PRId64 " tokens, late by: median %.1f us, p99 %.1f us, at most %.1f us\n",
           lateness->count, microseconds(lateness_quantile_ns(lateness, 0.5)),
           microseconds(lateness_quantile_ns(lateness, 0.99)), microseconds(lateness->most_ns));
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
        server->identity = identity_new(options->tls_certificate, options->tls_key, error);
        if (!server->identity)
            return false;
    }
    if (options->ground_truth)
        server->truth = truth_open(options->ground_truth, error);
    return !options->ground_truth || server->truth;
}

static int simulate(const struct options *options, const struct bundle *bundle)
{
    struct server_options server = {.bundle = bundle,
                                    .key = choose_key(),
                                    .port = (int)options->port,
                                    .seed = (uint64_t)options->seed,
                                    .flood = options->flood};
    struct error error;
    bool served, recorded;

    raise_file_limit();
    served = prepare(&server, options, &error) && serve(&server, options, &error);
    if (!served)
        complain(error.text);
    identity_free(server.identity);
    recorded = truth_close(server.truth, &error);
    if (!recorded)
        complain(error.text);
    return served && recorded ? EXIT_DONE : EXIT_BAD_INPUT;
}

static int run(const void *given, char **arguments)
{
    const struct options *options = given;
    struct bundle bundle = {0};
    int code = EXIT_BAD_INPUT;

    if (options->port < 0 || options->port > 65535)
        return complain("--port takes a number from 0 to 65535");
    if (!options->tls_certificate != !options->tls_key)
        return complain("--tls-certificate and --tls-key belong together; give both");
    if (read_bundle(arguments[0], &bundle))
        code = options->flood && bundle.faults.count > 0
                   ? complain("with --flood nothing goes wrong; leave out --flood, or the bundle "
                              "file's faults")
                   : simulate(options, &bundle);
    bundle_clear(&bundle);
    return code;
}

static const struct option options_table[] = {
    {"port", "N", OPTION_INTEGER, offsetof(struct options, port),
     "port to listen on; 0, the default: the kernel picks"},
    {"port-file", "FILE", OPTION_TEXT, offsetof(struct options, port_file),
     "write the port there once it listens"},
    {"ground-truth", "FILE", OPTION_TEXT, offsetof(struct options, ground_truth),
     "append a line of JSON for each request: what the node did for it"},
    {"seed", "N", OPTION_INTEGER, offsetof(struct options, seed),
     "what words, ids, noise and faults of chance follow from; default 0"},
    {"tls-certificate", "FILE", OPTION_TEXT, offsetof(struct options, tls_certificate),
     "speak HTTPS, with this certificate (PEM)"},
    {"tls-key", "FILE", OPTION_TEXT, offsetof(struct options, tls_key),
     "the certificate's private key (PEM)"},
    {"flood", NULL, OPTION_FLAG, offsetof(struct options, flood),
     "answer as fast as sockets take it; the node's times do not hold"},
    {0},
};

const struct command command_simulate = {
    .name = "simulate",
    .arguments = "BUNDLE",
    .summary = "serve a simulated bundle of models on this machine",
    .help = "Serves the experts of the file BUNDLE on 127.0.0.1 only, until Ctrl-C or SIGTERM.\n"
            "Loading, batching, token speeds, noise and how tokens are counted follow the file;\n"
            "configs/bundle_demo.yaml is an example.\n"
            "\n"
            "Spoken are the OpenAI-compatible API at /v1, and SambaStudio's generic APIs at\n"
            "/api/v2/predict/generic and /api/predict/generic (version 1), both of them followed\n"
            "by /stream where the answer shall stream and by any PROJECT/ENDPOINT.\n"
            "\n"
            "POST /v1/messages/count_tokens and POST /tokenize count a prompt's tokens without\n"
            "the node. The groups behaviour and faults of the file make the server talk as others\n"
            "do, and fail; configs/bundle_faults.yaml is an example.\n"
            "\n"
            "With --flood nothing waits for the node: many events go out in each write, the same\n"
            "words over and over, so that one can see how fast a client reads. Counts in usage\n"
            "are right; times there mean nothing then, and faults cannot be had. Else, when it\n"
            "ends, it prints how late its tokens were, just before they were written.\n"
            "\n"
            "The key that requests must bear comes from the environment variable\n"
            "COEBENCH_SIMULATOR_KEY ('demo-key' where it is not set).",
    .options = options_table,
    .least = 1,
    .most = 1,
    .run = run,
    .options_size = sizeof(struct options),
};
