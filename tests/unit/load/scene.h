/* A server and a client that take turns, over a connection within this process. */
#ifndef TEST_LOAD_SCENE_H
#define TEST_LOAD_SCENE_H

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "core/clock.h"
#include "load/easy.h"
#include "load/transfer.h"
#include "support.h"

struct scene {
    int listener, server; /* its connection; -1: none yet */
    struct loop loop;
    struct target target;
    struct curl_slist *headers;
    struct transfer *transfer;
    struct body body;
    bool is_running;
    int64_t tokens; /* asked for: of many the response is read to its end without libcurl */
};

enum { FEW = 8, MANY = 1000 };

static inline void on_done(void *context, CURL *easy, CURLcode result)
{
    struct scene *scene = context;
    struct transfer *transfer = NULL;

    curl_easy_getinfo(easy, CURLINFO_PRIVATE, &transfer);
    transfer_finish(transfer, result);
    if (transfer == scene->transfer)
        scene->is_running = false;
}

static inline void open_scene(struct scene *scene, int64_t tokens)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;
    struct error error;

    *scene = (struct scene){
        .listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), .server = -1, .tokens = tokens};
    assert_int_equal(bind(scene->listener, (struct sockaddr *)&address, sizeof address), 0);
    assert_int_equal(listen(scene->listener, 8), 0);
    assert_int_equal(getsockname(scene->listener, (struct sockaddr *)&address, &length), 0);
    assert_true(loop_init(&scene->loop, &error));
    scene->loop.on_done = on_done;
    scene->loop.context = scene;
    scene->target = (struct target){
        .dialect = dialect_find("openai", "http://h/v1"),
        .chat_url = memory_printf("http://127.0.0.1:%d/v1/chat", ntohs(address.sin_port)),
        .connect_timeout_s = 1000,
        .idle_timeout_s = 1000};
    scene->headers = easy_headers(&scene->target, true);
    scene->transfer = transfer_new(&scene->target, &scene->loop, 0, scene->headers);
    scene->transfer->keep_text = true;
    /* Its timer lets libcurl read unasked, 200 ms after a connection was begun. */
    curl_easy_setopt(scene->transfer->easy, CURLOPT_HAPPY_EYEBALLS_TIMEOUT_MS, 1000000L);
    text_add_string(&scene->body.head, "x");
}

static inline void close_scene(struct scene *scene)
{
    if (scene->server >= 0)
        close(scene->server);
    close(scene->listener);
    transfer_free(scene->transfer);
    loop_clear(&scene->loop);
    body_clear(&scene->body);
    curl_slist_free_all(scene->headers);
    free((char *)scene->target.chat_url);
}

static inline void turn(struct scene *scene)
{
    loop_turn(&scene->loop, clock_monotonic_ns() + CLOCK_NS_PER_S / 1000);
}

static inline int accept_one(int listener)
{
    int server = accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK), on = 1;

    setsockopt(server, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    return server;
}

static inline void begin_request(struct scene *scene)
{
    char request[4096];
    size_t length = 0;
    ssize_t got;

    scene->is_running = true;
    scene->transfer->composed.asked.output_tokens = scene->tokens;
    transfer_send(scene->transfer, clock_monotonic_ns(), &scene->body, NULL, 1);
    while (!memmem(request, length, "\r\n\r\nx", 5)) {
        turn(scene);
        if (scene->server < 0)
            scene->server = accept_one(scene->listener);
        got = recv(scene->server, request + length, sizeof request - length, MSG_DONTWAIT);
        length += got > 0 ? (size_t)got : 0;
    }
}

static inline int client_socket(const struct scene *scene)
{
    for (size_t i = 0; i < scene->loop.about_room; i++) {
        if (scene->loop.about[i].transfer == scene->transfer)
            return (int)i;
    }
    return -1;
}

static inline int waiting(int socket, unsigned long what)
{
    int bytes = 0;

    assert_int_equal(ioctl(socket, what, &bytes), 0);
    return bytes;
}

/* Until it waits where the client reads it. */
static inline void send_piece(struct scene *scene, const char *bytes, size_t length)
{
    int client = client_socket(scene), before = client < 0 ? 0 : waiting(client, FIONREAD);

    if (length > 0)
        assert_true(send(scene->server, bytes, length, MSG_NOSIGNAL) == (ssize_t)length ||
                    !scene->is_running);
    while (client >= 0 && waiting(client, FIONREAD) < before + (int)length)
        usleep(200);
}

/* Until the client has read all that was sent. */
static inline void settle(struct scene *scene)
{
    do
        turn(scene);
    while (scene->is_running && waiting(client_socket(scene), FIONREAD) > 0);
}

static inline void say(struct scene *scene, const char *bytes, size_t length)
{
    send_piece(scene, bytes, length);
    settle(scene);
}

static inline void wait_for_end(struct scene *scene)
{
    while (scene->is_running)
        turn(scene);
}

/* --- Responses -------------------------------------------------------------------------------- */

#define HEAD     "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
#define TOKEN(a) "2f\r\ndata: {\"choices\":[{\"delta\":{\"content\":\"" a "\"}}]}\n\n\r\n"
#define DONE     "e\r\ndata: [DONE]\n\n\r\n"
#define END      "0\r\n\r\n"

static inline void expect_response(const char *name, const struct scene *scene, const char *text)
{
    const struct transfer *transfer = scene->transfer;

    expect_text(name, transfer->request.message, "");
    expect_text(name, transfer_texts(transfer).completion, text);
    expect_true(name, transfer->request.chunk_count == strlen(text));
    expect_true(name, transfer->request.end == REQUEST_COMPLETED);
}

#endif
