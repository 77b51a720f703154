/* Bodies that are read without libcurl say the same as with it: whole, in parts, where libcurl
 * reads in between, and where something is wrong. */
#include "load/direct.h"

#include "interrupted.h"
#include "load/arrival.h"
#include "load/sockets.h"
#include "scene.h"

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
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
