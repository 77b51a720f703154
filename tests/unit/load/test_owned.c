/* Responses that are read without libcurl to their end: when that is given up, and when not. */
#include "load/owned.h"

#include <sys/epoll.h>

#include "scene.h"

/* libcurl is called for the transfer, as its timers do, and finds nothing to read. */
static void test_a_call_that_reads_nothing_changes_nothing(void **state)
{
    struct scene scene;
    int running;

    (void)state;
    open_scene(&scene, MANY);
    begin_request(&scene);
    say(&scene, HEAD, strlen(HEAD));
    say(&scene, TOKEN("a"), strlen(TOKEN("a")));
    for (int i = 0; i < 20; i++) {
        curl_multi_perform(scene.loop.shard[0]->multi, &running);
        turn(&scene);
        assert_int_equal(scene.transfer->direct.state, DIRECT_OWNED);
        say(&scene, TOKEN("b"), strlen(TOKEN("b")));
    }
    assert_int_equal(scene.loop.takings, 20);
    say(&scene, DONE END, strlen(DONE END));
    wait_for_end(&scene);
    expect_response("called", &scene, "abbbbbbbbbbbbbbbbbbbb");
    close_scene(&scene);
}

/* Each costs a credit, and each reading of whole ones gives one back. */
static void test_chunks_in_parts_do_not_end_it_where_whole_ones_come_between(void **state)
{
    struct scene scene;
    const char *token = TOKEN("a");

    (void)state;
    open_scene(&scene, MANY);
    begin_request(&scene);
    say(&scene, HEAD, strlen(HEAD));
    for (int i = 0; i < 20; i++) {
        for (int k = 0; k < 4; k++)
            say(&scene, token, strlen(token));
        assert_int_equal(scene.transfer->direct.state, DIRECT_OWNED);
        say(&scene, token, 20);
        say(&scene, token + 20, strlen(token + 20));
    }
    say(&scene, DONE END, strlen(DONE END));
    wait_for_end(&scene);
    assert_int_equal(scene.transfer->request.chunk_count, 100);
    assert_int_equal(scene.transfer->request.end, REQUEST_COMPLETED);
    close_scene(&scene);
}

/* A request that waits to be begun leaves within the call that reads a body's end, and before it.
 */
static void test_a_request_that_leaves_first_takes_no_end_away(void **state)
{
    struct scene scene;
    struct direct_look ahead;
    struct transfer *other;
    int second, client;

    (void)state;
    open_scene(&scene, MANY);
    other = transfer_new(&scene.target, &scene.loop, 0, scene.headers);
    begin_request(&scene);
    say(&scene, HEAD, strlen(HEAD));
    say(&scene, TOKEN("a"), strlen(TOKEN("a")));
    client = client_socket(&scene);
    transfer_send(other, clock_monotonic_ns(), &scene.body, NULL, 1);
    do
        turn(&scene);
    while ((second = accept_one(scene.listener)) < 0);
    assert_true(send(second, HEAD DONE END, strlen(HEAD DONE END), MSG_NOSIGNAL) > 0);
    while (other->sending)
        turn(&scene);
    transfer_send(other, clock_monotonic_ns(), &scene.body, NULL, 1);
    send_piece(&scene, DONE END, strlen(DONE END));
    interval_begin(&scene.loop, client);
    assert_true(direct_read(&scene.loop, client, EPOLLIN, &ahead));
    interval_end(&scene.loop, client, false);
    assert_true(other->request.sent_ns != CLOCK_NEVER);
    assert_false(scene.is_running);
    expect_response("before", &scene, "a");
    transfer_abort(other, REQUEST_CANCELLED, "");
    transfer_free(other);
    close(second);
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
        cmocka_unit_test(test_a_call_that_reads_nothing_changes_nothing),
        cmocka_unit_test(test_chunks_in_parts_do_not_end_it_where_whole_ones_come_between),
        cmocka_unit_test(test_a_request_that_leaves_first_takes_no_end_away),
        cmocka_unit_test(test_packets_that_waited_together_have_bounds_and_then_moments),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
