/* A client that falls behind, against a server that notes when each chunk left: a chunk came within
 * its bounds, and the quantiles of the gaps lie within theirs. */
#include "load/interval.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <sys/socket.h>
#include <time.h>

#include "core/clock.h"
#include "load/easy.h"
#include "load/transfer.h"
#include "pair.h"
#include "stats/quantile.h"
#include "stats/token_gaps.h"
#include "support.h"

enum { STREAMS = 4, CHUNKS = 80, MS = 1000000, AT_MOST_NS = 200000 };

/* What a connection is sent: CHUNKS chunks, `together` in each packet, `pause_us` on average
 * between packets. */
struct script {
    int together, pause_us;
    int client_late_us; /* how long the client looks away, at most */
    bool in_chunks;     /* each is one of the transfer coding, too, and read without libcurl */
};

struct stream_server {
    const struct script *script;
    int listener;
    unsigned seed;
    pthread_t thread;
    int64_t before_ns[CHUNKS], after_ns[CHUNKS];
};

static void pause_for(unsigned *seed, int mean_us)
{
    int64_t ns = (int64_t)(rand_r(seed) % (2 * mean_us + 1)) * 1000;

    nanosleep(&(struct timespec){ns / CLOCK_NS_PER_S, ns % CLOCK_NS_PER_S}, NULL);
}

static void send_text(int socket, const char *text)
{
    assert_int_equal(send(socket, text, strlen(text), MSG_NOSIGNAL), strlen(text));
}

static void take_request(int socket)
{
    char bytes[4096];
    size_t length = 0;

    while (!memmem(bytes, length, "\r\n\r\n", 4)) {
        ssize_t got = recv(socket, bytes + length, sizeof bytes - length, 0);

        assert_true(got > 0);
        length += (size_t)got;
    }
}

static void add_event(struct text *text, const struct script *script, const char *event)
{
    if (script->in_chunks)
        text_printf(text, "%zx\r\n%s\r\n", strlen(event), event);
    else
        text_add_string(text, event);
}

static void send_end(int socket, const struct script *script)
{
    struct text text = {0};

    add_event(&text, script, "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n");
    add_event(&text, script, "data: [DONE]\n\n");
    if (script->in_chunks)
        text_add_string(&text, "0\r\n\r\n");
    send_text(socket, text.bytes);
    text_clear(&text);
}

static void send_packet(struct stream_server *server, int socket, int first)
{
    struct text text = {0};

    for (int i = 0; i < server->script->together; i++)
        add_event(&text, server->script,
                  "data: {\"choices\":[{\"delta\":{\"content\":\"a\"}}]}\n\n");
    pause_for(&server->seed, server->script->pause_us);
    for (int i = first; i < first + server->script->together; i++)
        server->before_ns[i] = clock_monotonic_ns();
    send_text(socket, text.bytes);
    for (int i = first; i < first + server->script->together; i++)
        server->after_ns[i] = clock_monotonic_ns();
    text_clear(&text);
}

static void *run_server(void *context)
{
    struct stream_server *server = context;
    int socket = accept(server->listener, NULL, NULL), on = 1;

    /* Or what is sent would leave later, when the client has read what came before it. */
    assert_int_equal(setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on), 0);
    take_request(socket);
    send_text(socket, server->script->in_chunks
                          ? "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                          : "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n");
    for (int i = 0; i < CHUNKS; i += server->script->together)
        send_packet(server, socket, i);
    send_end(socket, server->script);
    shutdown(socket, SHUT_WR);
    close(socket);
    return NULL;
}

static int start_server(struct stream_server *server, const struct script *script, unsigned seed)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;

    *server = (struct stream_server){.script = script, .seed = seed};
    server->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(server->listener, (struct sockaddr *)&address, sizeof address), 0);
    assert_int_equal(listen(server->listener, 1), 0);
    assert_int_equal(getsockname(server->listener, (struct sockaddr *)&address, &length), 0);
    assert_int_equal(pthread_create(&server->thread, NULL, run_server, server), 0);
    return ntohs(address.sin_port);
}

/* --- The client ------------------------------------------------------------------------------- */

struct client {
    struct loop loop;
    struct target target[STREAMS];
    struct curl_slist *headers;
    struct transfer *transfer[STREAMS];
    struct body body;
    size_t in_flight;
};

static void on_done(void *context, CURL *easy, CURLcode result)
{
    struct client *client = context;
    struct transfer *transfer = NULL;

    curl_easy_getinfo(easy, CURLINFO_PRIVATE, &transfer);
    transfer_finish(transfer, result);
    client->in_flight--;
}

static void open_client(struct client *client, struct stream_server *servers,
                        const struct script *script)
{
    struct error error;

    assert_true(loop_init(&client->loop, &error));
    client->loop.on_done = on_done;
    client->loop.context = client;
    text_add_string(&client->body.head, "x");
    for (unsigned i = 0; i < STREAMS; i++) {
        int port = start_server(&servers[i], script, 7 * i + 1);

        client->target[i] =
            (struct target){.dialect = dialect_find("openai", "http://h/v1"),
                            .chat_url = memory_printf("http://127.0.0.1:%d/v1/chat", port),
                            .connect_timeout_s = 10,
                            .idle_timeout_s = 10};
        if (i == 0)
            client->headers = easy_headers(&client->target[0], true);
        client->transfer[i] = transfer_new(&client->target[i], &client->loop, 0, client->headers);
        /* So long after a connection was begun, libcurl reads it, unasked. */
        curl_easy_setopt(client->transfer[i]->easy, CURLOPT_HAPPY_EYEBALLS_TIMEOUT_MS,
                         15L * (i + 1));
    }
}

static void run_client(struct client *client, const struct script *script)
{
    unsigned seed = 1;

    for (size_t i = 0; i < STREAMS; i++)
        transfer_send(client->transfer[i], clock_monotonic_ns(), &client->body, NULL,
                      ++client->in_flight);
    while (client->in_flight > 0) {
        loop_turn(&client->loop, clock_monotonic_ns() + MS);
        pause_for(&seed, script->client_late_us / 2);
    }
}

static void close_client(struct client *client, struct stream_server *servers)
{
    for (size_t i = 0; i < STREAMS; i++) {
        transfer_free(client->transfer[i]);
        free((char *)client->target[i].chat_url);
        close(servers[i].listener);
    }
    loop_clear(&client->loop);
    body_clear(&client->body);
    curl_slist_free_all(client->headers);
}

/* --- What is held against what is known ------------------------------------------------------- */

/* A system without stamps: the moment of reading is all there is. */
static bool has_stamps(const struct request *request)
{
    for (size_t i = 0; i < CHUNKS; i++) {
        if (request->chunks[i].stamped)
            return true;
    }
    return false;
}

/* Returns how many moments are not known exactly. */
static size_t check_chunks(const char *name, const struct request *request,
                           const struct stream_server *server)
{
    bool stamps = has_stamps(request);
    size_t wide = 0;

    expect_text(name, request->message, "");
    assert_int_equal(request->chunk_count, CHUNKS);
    for (size_t i = 0; i < CHUNKS; i++) {
        const struct chunk *chunk = &request->chunks[i];

        assert_true(chunk->early_ns >= 0 && chunk->late_ns >= 0);
        if (!stamps && chunk->early_ns == 0)
            continue;
        expect_true(name, chunk->arrival_ns - chunk->early_ns <= server->after_ns[i] + AT_MOST_NS);
        expect_true(name, chunk->arrival_ns + chunk->late_ns >= server->before_ns[i] - AT_MOST_NS);
        wide += chunk->early_ns > 0 || chunk->late_ns > 0;
    }
    return wide;
}

/* Between which the true gaps lie, as closely as the server knows them. */
static void add_truth(const struct stream_server *server, double *least, double *most)
{
    for (int i = 1; i < CHUNKS; i++) {
        least[i - 1] = clock_seconds(server->after_ns[i - 1], server->before_ns[i]);
        most[i - 1] = clock_seconds(server->before_ns[i - 1], server->after_ns[i]);
    }
}

static void check_quantiles(const char *name, const struct client *client,
                            const struct stream_server *servers)
{
    enum { GAPS = STREAMS * (CHUNKS - 1) };
    static double least[GAPS], most[GAPS];
    struct token_gaps gaps = {0};
    struct metric_bounds bounds;
    struct metric_summary summary, at_least, at_most;
    double slack_s = 2.0 * AT_MOST_NS / CLOCK_NS_PER_S;

    for (size_t i = 0; i < STREAMS; i++) {
        token_gaps_add(&gaps, &client->transfer[i]->request);
        add_truth(&servers[i], least + i * (CHUNKS - 1), most + i * (CHUNKS - 1));
    }
    summary = token_gaps_of_chunks(&gaps, &bounds);
    at_least = quantile_summary(least, GAPS);
    at_most = quantile_summary(most, GAPS);
    for (int i = 0; i < METRIC_QUANTILES; i++) {
        expect_true(name, bounds.low[i] <= at_most.quantile[i] + slack_s);
        expect_true(name, bounds.high[i] >= at_least.quantile[i] - slack_s);
        expect_true(name,
                    isnan(summary.quantile[i]) == !bounds_agree(bounds.low[i], bounds.high[i]));
    }
    token_gaps_clear(&gaps);
}

static size_t simulate(const char *name, const struct script *script, size_t *exact_pairs)
{
    struct stream_server *servers = memory_new(STREAMS, sizeof *servers);
    struct client client = {0};
    size_t wide = 0;

    open_client(&client, servers, script);
    run_client(&client, script);
    for (size_t i = 0; i < STREAMS; i++)
        pthread_join(servers[i].thread, NULL);
    for (size_t i = 0; i < STREAMS; i++) {
        const struct chunk *chunks = client.transfer[i]->request.chunks;

        wide += check_chunks(name, &client.transfer[i]->request, &servers[i]);
        for (size_t k = 1; k < CHUNKS; k++)
            *exact_pairs += chunks[k].coalesced && chunks[k].early_ns + chunks[k].late_ns == 0;
    }
    check_quantiles(name, &client, servers);
    close_client(&client, servers);
    free(servers);
    return wide;
}

static void test_what_is_read_late_came_within_its_bounds(void **state)
{
    struct script script = {1, 1500, 8000, false};
    size_t exact_pairs = 0;

    (void)state;
    expect_true("several were read together", simulate("late", &script, &exact_pairs) > 0);
    script.in_chunks = true;
    expect_true("… in chunks", simulate("late, in chunks", &script, &exact_pairs) > 0);
}

static void test_chunks_of_one_packet_came_together(void **state)
{
    struct script script = {2, 8000, 4000, false};
    size_t exact_pairs = 0;

    (void)state;
    simulate("pairs", &script, &exact_pairs);
    expect_true("one packet has one moment", exact_pairs > 0);
    exact_pairs = 0;
    script.in_chunks = true;
    simulate("pairs, in chunks", &script, &exact_pairs);
    expect_true("… in chunks", exact_pairs > 0);
}

/* The kernel stamps what comes on any socket while one asks for it; it may take a moment to begin.
 */
static int begin_stamps(void **state)
{
    static struct pair pair;

    pair = connect_pair();
    wait_for_stamps(&pair);
    *state = &pair;
    return 0;
}

static int end_stamps(void **state)
{
    close_pair(*state);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_is_read_late_came_within_its_bounds),
        cmocka_unit_test(test_chunks_of_one_packet_came_together),
    };

    return cmocka_run_group_tests(tests, begin_stamps, end_stamps);
}
