/* Bodies that are read without libcurl say the same as with it: whole, in parts, where libcurl
 * reads in between, and where something is wrong. */
#include "load/direct.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "core/clock.h"
#include "interrupted.h"
#include "load/arrival.h"
#include "load/easy.h"
#include "load/sockets.h"
#include "load/transfer.h"
#include "support.h"

/* --- A server and a client that take turns ---------------------------------------------------- */

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

static void on_done(void *context, CURL *easy, CURLcode result)
{
    struct scene *scene = context;

    (void)easy;
    transfer_finish(scene->transfer, result);
    scene->is_running = false;
}

static void open_scene(struct scene *scene, int64_t tokens)
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

static void close_scene(struct scene *scene)
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

static void turn(struct scene *scene)
{
    loop_turn(&scene->loop, clock_monotonic_ns() + CLOCK_NS_PER_S / 1000);
}

static int accept_one(int listener)
{
    int server = accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK), on = 1;

    setsockopt(server, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    return server;
}

static void begin_request(struct scene *scene)
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

static int client_socket(const struct scene *scene)
{
    for (size_t i = 0; i < scene->loop.about_room; i++) {
        if (scene->loop.about[i].transfer == scene->transfer)
            return (int)i;
    }
    return -1;
}

static int waiting(int socket, unsigned long what)
{
    int bytes = 0;

    assert_int_equal(ioctl(socket, what, &bytes), 0);
    return bytes;
}

/* Until it waits where the client reads it. */
static void send_piece(struct scene *scene, const char *bytes, size_t length)
{
    int client = client_socket(scene), before = client < 0 ? 0 : waiting(client, FIONREAD);

    if (length > 0)
        assert_true(send(scene->server, bytes, length, MSG_NOSIGNAL) == (ssize_t)length ||
                    !scene->is_running);
    while (client >= 0 && waiting(client, FIONREAD) < before + (int)length)
        usleep(200);
}

/* Until the client has read all that was sent. */
static void settle(struct scene *scene)
{
    do
        turn(scene);
    while (scene->is_running && waiting(client_socket(scene), FIONREAD) > 0);
}

static void say(struct scene *scene, const char *bytes, size_t length)
{
    send_piece(scene, bytes, length);
    settle(scene);
}

static void wait_for_end(struct scene *scene)
{
    while (scene->is_running)
        turn(scene);
}

/* --- Responses -------------------------------------------------------------------------------- */

#define HEAD     "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
#define TOKEN(a) "2f\r\ndata: {\"choices\":[{\"delta\":{\"content\":\"" a "\"}}]}\n\n\r\n"
#define DONE     "e\r\ndata: [DONE]\n\n\r\n"
#define END      "0\r\n\r\n"

static void expect_response(const char *name, const struct scene *scene, const char *text)
{
    const struct transfer *transfer = scene->transfer;

    expect_text(name, transfer->request.message, "");
    expect_text(name, transfer_texts(transfer).completion, text);
    expect_true(name, transfer->request.chunk_count == strlen(text));
    expect_true(name, transfer->request.end == REQUEST_COMPLETED);
}

static void read_whole_chunks(int64_t tokens)
{
    static const char *const pieces[] = {HEAD, TOKEN("a"), TOKEN("b") TOKEN("c"), TOKEN("d"), DONE};
    struct scene scene;

    open_scene(&scene, tokens);
    for (int i = 0; i < 3; i++) {
        begin_request(&scene);
        for (size_t k = 0; k < COUNT_OF(pieces); k++)
            say(&scene, pieces[k], strlen(pieces[k]));
        assert_int_equal(scene.transfer->direct.given, 0);
        say(&scene, END, strlen(END));
        wait_for_end(&scene);
        expect_response("whole", &scene, "abcd");
        assert_int_equal(scene.transfer->request.new_connection, i == 0);
        assert_int_equal(sockets_idle(&scene.loop, 0), 1);
        assert_int_equal(scene.loop.takings > 0, tokens == MANY);
    }
    close_scene(&scene);
}

static void test_whole_chunks_are_read_without_libcurl(void **state)
{
    (void)state;
    read_whole_chunks(FEW);
    read_whole_chunks(MANY);
}

/* Who looks at a token is interrupted, and the response's end comes then. */
static void interrupt_looks(int64_t tokens)
{
    struct scene scene;
    int64_t sent_ns;

    open_scene(&scene, tokens);
    for (int call = 1; call <= 4; call++) {
        begin_request(&scene);
        say(&scene, HEAD, strlen(HEAD));
        say(&scene, TOKEN("a"), strlen(TOKEN("a")));
        send_piece(&scene, TOKEN("b"), strlen(TOKEN("b")));
        interrupt_call(call, scene.server, DONE, strlen(DONE));
        settle(&scene);
        sent_ns = interrupt_end();
        say(&scene, "", 0);
        assert_int_equal(scene.transfer->direct.given, 0);
        assert_true(scene.transfer->request.done_ns >= sent_ns - ARRIVAL_TOGETHER_NS);
        assert_true(scene.transfer->request.done_ns <= clock_monotonic_ns());
        say(&scene, END, strlen(END));
        wait_for_end(&scene);
        expect_response("interrupted", &scene, "ab");
    }
    close_scene(&scene);
}

static void test_what_comes_during_the_look_is_not_told_to_have_come_before(void **state)
{
    (void)state;
    interrupt_looks(FEW);
    interrupt_looks(MANY);
}

/* `unasked`: libcurl reads the first part although nobody asked it to. */
static void cut_at_every_byte(bool unasked, int64_t tokens)
{
    static const char response[] = HEAD TOKEN("a") TOKEN("b") DONE END;
    size_t first = unasked ? strlen(HEAD TOKEN("a")) : 0, whole = sizeof response - 1;
    struct scene scene;
    int running;

    open_scene(&scene, tokens);
    for (size_t cut = first + 1; cut < whole; cut++) {
        begin_request(&scene);
        if (unasked) {
            say(&scene, HEAD, strlen(HEAD));
            say(&scene, TOKEN("a"), strlen(TOKEN("a")));
        }
        send_piece(&scene, response + first, cut - first);
        if (unasked)
            curl_multi_perform(scene.loop.shard[0]->multi, &running);
        settle(&scene);
        say(&scene, response + cut, whole - cut);
        wait_for_end(&scene);
        expect_response(response + cut, &scene, "ab");
        assert_false(cut > first + 1 && scene.transfer->request.new_connection);
    }
    close_scene(&scene);
}

static void test_a_response_may_be_cut_at_every_byte(void **state)
{
    (void)state;
    cut_at_every_byte(false, FEW);
    cut_at_every_byte(false, MANY);
}

static void test_libcurl_may_read_unasked_up_to_every_byte(void **state)
{
    (void)state;
    cut_at_every_byte(true, FEW);
    cut_at_every_byte(true, MANY);
}

/* --- The same with libcurl alone -------------------------------------------------------------- */

enum last { CLOSE, RESET };

static void end_connection(struct scene *scene, enum last last)
{
    struct linger at_once = {1, 0};

    if (last == RESET)
        setsockopt(scene->server, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    close(scene->server);
    scene->server = -1;
}

enum reader { BY_LIBCURL, LOOKED_AT, OWNED };

static void play(struct scene *scene, const char *const *pieces, enum last last, enum reader reader)
{
    open_scene(scene, reader == OWNED ? MANY : FEW);
    begin_request(scene);
    for (; *pieces; pieces++) {
        if (reader == BY_LIBCURL)
            scene->transfer->direct.state = DIRECT_UNKNOWN;
        say(scene, *pieces, strlen(*pieces));
    }
    end_connection(scene, last);
    wait_for_end(scene);
}

static void expect_alike(const char *name, const struct scene *direct,
                         const struct scene *by_libcurl)
{
    const struct request *one = &direct->transfer->request, *other = &by_libcurl->transfer->request;

    expect_text(name, one->message, other->message);
    expect_text(name, transfer_texts(direct->transfer).completion,
                transfer_texts(by_libcurl->transfer).completion);
    expect_text(name, one->error_body, other->error_body);
    expect_true(name, one->end == other->end);
    expect_true(name, one->http_status == other->http_status);
    expect_true(name, one->chunk_count == other->chunk_count);
}

static void test_what_is_wrong_is_told_as_by_libcurl(void **state)
{
    static const struct {
        const char *name;
        const char *pieces[6];
        enum last last;
    } cases[] = {
        {"no chunk", {HEAD, TOKEN("a"), TOKEN("b"), "zz\r\n"}, CLOSE},
        {"no line end", {HEAD, TOKEN("a"), "1\r\naXX"}, CLOSE},
        {"an end in a chunk", {HEAD, TOKEN("a"), TOKEN("b"), "2f\r\ndata: {"}, CLOSE},
        {"an end between chunks", {HEAD, TOKEN("a"), TOKEN("b")}, CLOSE},
        {"an end behind [DONE]", {HEAD, TOKEN("a"), DONE}, CLOSE},
        {"a reset", {HEAD, TOKEN("a"), TOKEN("b")}, RESET},
        {"a reset behind one token", {HEAD, TOKEN("a")}, RESET},
        {"a reset behind the head", {HEAD}, RESET},
        {"a reset behind [DONE]", {HEAD, TOKEN("a"), DONE}, RESET},
        {"extensions", {HEAD, TOKEN("a"), "1;x=y\r\n:\r\n", TOKEN("b"), DONE END}, CLOSE},
        {"bare line feeds", {HEAD, TOKEN("a"), "1\n:\n", TOKEN("b"), DONE END}, CLOSE},
        {"a trailer", {HEAD, TOKEN("a"), DONE, "0\r\nX: y\r\n\r\n"}, CLOSE},
        {"bytes behind the end", {HEAD, TOKEN("a"), DONE, END "HTTP/1.1 408 Late\r\n\r\n"}, CLOSE},
        {"a failure",
         {HEAD, TOKEN("a"), "1e\r\ndata: {\"error\":{\"message\":1}}\n\r\n", END},
         CLOSE},
        {"two heads", {"HTTP/1.1 103 Soon\r\n\r\n" HEAD, TOKEN("a"), DONE, END}, CLOSE},
        {"compressed",
         {"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n",
          TOKEN("a"), DONE, END},
         CLOSE},
        {"an error page",
         {"HTTP/1.1 500 No\r\nTransfer-Encoding: chunked\r\n\r\n", "2\r\nno\r\n", END},
         CLOSE},
        {"until its end", {"HTTP/1.1 200 OK\r\n\r\n", TOKEN("a"), DONE}, CLOSE},
        {"a size of many digits",
         {HEAD, TOKEN("a"), "00000000000000001\r\n:\r\n", TOKEN("b"), END},
         CLOSE},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct scene by_libcurl;

        play(&by_libcurl, cases[i].pieces, cases[i].last, BY_LIBCURL);
        for (enum reader reader = LOOKED_AT; reader <= OWNED; reader++) {
            struct scene direct;

            play(&direct, cases[i].pieces, cases[i].last, reader);
            expect_alike(cases[i].name, &direct, &by_libcurl);
            close_scene(&direct);
        }
        close_scene(&by_libcurl);
    }
}

static void test_a_response_without_end_is_given_up(void **state)
{
    struct scene scene;
    struct text many = {0};

    (void)state;
    open_scene(&scene, FEW);
    begin_request(&scene);
    say(&scene, HEAD, strlen(HEAD));
    for (int i = 0; i < 100; i++)
        text_add_string(&many, TOKEN("a"));
    while (scene.is_running)
        say(&scene, many.bytes, many.length);
    assert_int_equal(scene.transfer->request.end, REQUEST_TOO_LARGE);
    assert_int_equal(scene.transfer->direct.given, 0);
    text_clear(&many);
    close_scene(&scene);
}

/* libcurl's buffer holds a part of what has come with the head; the rest is followed all the same.
 */
static void test_a_small_buffer_is_filled_again(void **state)
{
    struct text first = {0};
    struct scene scene;

    (void)state;
    open_scene(&scene, MANY);
    curl_easy_setopt(scene.transfer->easy, CURLOPT_BUFFERSIZE, 1024L);
    text_add_string(&first, HEAD);
    for (int i = 0; i < 100; i++)
        text_add_string(&first, TOKEN("a"));
    begin_request(&scene);
    say(&scene, first.bytes, first.length);
    assert_int_equal(scene.transfer->direct.state, DIRECT_FOLLOWED);
    assert_int_equal(scene.transfer->request.chunk_count, 100);
    for (int i = 1; i < 100; i++)
        assert_true(scene.transfer->request.chunks[i].coalesced);
    say(&scene, TOKEN("b"), strlen(TOKEN("b")));
    assert_int_equal(scene.transfer->direct.state, DIRECT_OWNED);
    say(&scene, DONE END, strlen(DONE END));
    wait_for_end(&scene);
    assert_int_equal(scene.transfer->request.end, REQUEST_COMPLETED);
    text_clear(&first);
    close_scene(&scene);
}

enum { PAIRS = 8 };

/* Two packets wait where the loop expects one: of the first, the moment is not known, but bounds
 * are. After a few such readings a look goes before the next, which tells it. */
static void test_packets_that_waited_together_have_bounds_and_then_moments(void **state)
{
    struct scene scene;
    struct request *request;

    (void)state;
    open_scene(&scene, MANY);
    request = &scene.transfer->request;
    begin_request(&scene);
    say(&scene, HEAD, strlen(HEAD));
    say(&scene, TOKEN("a"), strlen(TOKEN("a")));
    for (size_t pair = 0; pair < PAIRS; pair++) {
        size_t at = request->chunk_count + 1;
        int64_t low_ns, high_ns;

        usleep(20000);
        say(&scene, TOKEN("b"), strlen(TOKEN("b"))); /* so that the time between two is long … */
        usleep(20000);
        low_ns = clock_monotonic_ns();
        send_piece(&scene, TOKEN("c"), strlen(TOKEN("c")));
        high_ns = clock_monotonic_ns();
        usleep(5000);
        send_piece(&scene, TOKEN("d"), strlen(TOKEN("d")));
        scene.loop.late_ns = scene.loop.turn_late_ns = 0; /* … and the loop is not late */
        settle(&scene);
        assert_int_equal(request->chunk_count, at + 2);
        assert_true(request->chunks[at].arrival_ns - request->chunks[at].early_ns <= high_ns);
        assert_true(request->chunks[at].arrival_ns + request->chunks[at].late_ns >= low_ns);
        if (scene.loop.several > 4)
            break;
        assert_true(request->chunks[at].early_ns > 0);
    }
    assert_int_equal(scene.loop.several, 5);
    usleep(20000);
    send_piece(&scene, TOKEN("c"), strlen(TOKEN("c")));
    usleep(5000);
    send_piece(&scene, TOKEN("d"), strlen(TOKEN("d")));
    settle(&scene);
    assert_int_equal(scene.loop.several, 5);
    assert_true(request->chunks[request->chunk_count - 2].stamped);
    say(&scene, DONE END, strlen(DONE END));
    wait_for_end(&scene);
    close_scene(&scene);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_whole_chunks_are_read_without_libcurl),
        cmocka_unit_test(test_what_comes_during_the_look_is_not_told_to_have_come_before),
        cmocka_unit_test(test_a_response_may_be_cut_at_every_byte),
        cmocka_unit_test(test_libcurl_may_read_unasked_up_to_every_byte),
        cmocka_unit_test(test_what_is_wrong_is_told_as_by_libcurl),
        cmocka_unit_test(test_a_response_without_end_is_given_up),
        cmocka_unit_test(test_a_small_buffer_is_filled_again),
        cmocka_unit_test(test_packets_that_waited_together_have_bounds_and_then_moments),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
