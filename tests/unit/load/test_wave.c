/* A row's first wave: composed before the first of it leaves. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/memory.h"
#include "load/load.h"
#include "support.h"
#include "wire/dialect.h"

enum { WAVE = 60, REQUESTS = 66 };

struct seen {
    atomic_size_t composed;
    size_t before_first; /* how many were when the first left */
    size_t fitted, done;
    bool came[REQUESTS];
};

static void compose(void *context, struct composed *composed)
{
    struct seen *seen = context;

    text_add_string(&composed->prompt, "go");
    atomic_fetch_add(&seen->composed, 1);
}

/* It is called as a request leaves. */
static void fit(void *context, struct composed *composed)
{
    struct seen *seen = context;

    if (seen->fitted++ == 0)
        seen->before_first = atomic_load(&seen->composed);
    assert_true(composed->index < REQUESTS);
    assert_false(seen->came[composed->index]);
    seen->came[composed->index] = true;
}

static enum load_decision on_request_done(void *context, const struct request *request,
                                          const struct request_texts *texts)
{
    struct seen *seen = context;

    (void)texts;
    assert_int_equal(request->end, REQUEST_CONNECTION_REFUSED);
    seen->done++;
    return LOAD_CONTINUE;
}

static void ignore_progress(void *context, const struct load_progress *progress)
{
    (void)context;
    (void)progress;
}

/* A port that nobody listens on, nor can while the socket is open. */
static int take_port(int *port)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_addr = {.s_addr = htonl(INADDR_LOOPBACK)}};
    socklen_t length = sizeof address;
    int taken = socket(AF_INET, SOCK_STREAM, 0);

    assert_int_equal(bind(taken, (struct sockaddr *)&address, sizeof address), 0);
    assert_int_equal(getsockname(taken, (struct sockaddr *)&address, &length), 0);
    *port = ntohs(address.sin_port);
    return taken;
}

static void test_all_of_it_stands_composed_before_the_first_leaves(void **state)
{
    int port, taken = take_port(&port);
    char *url = memory_printf("http://127.0.0.1:%d/v1/chat/completions", port);
    const struct target target = {.dialect = dialect_find("openai", url),
                                  .chat_url = url,
                                  .idle_url = url,
                                  .connect_timeout_s = 10,
                                  .idle_timeout_s = 10};
    const struct row row = {
        .concurrent_requests = WAVE, .num_requests = REQUESTS, .output_tokens = 1};
    const struct body body = {0};
    const atomic_int stop = 0;
    struct seen seen = {0};
    struct error error;
    struct load_result result = {0};
    const struct load load = {.target = &target,
                              .row = &row,
                              .body = &body,
                              .timeout_s = 600,
                              .threads = 1,
                              .stop = &stop,
                              .context = &seen,
                              .compose = compose,
                              .fit = fit,
                              .on_request_done = on_request_done,
                              .on_progress = ignore_progress};

    (void)state;
    assert_true(load_run(&load, &result, &error));
    assert_true(seen.before_first >= WAVE);
    assert_int_equal(seen.fitted, REQUESTS);
    assert_int_equal(seen.done, REQUESTS);
    free(url);
    close(taken);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_all_of_it_stands_composed_before_the_first_leaves),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
