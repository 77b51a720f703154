/* A connection within this process, whose one end asks for the kernel's stamps. */
#ifndef TEST_LOAD_PAIR_H
#define TEST_LOAD_PAIR_H

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "core/clock.h"
#include "load/stamp.h"
#include "support.h"

struct pair {
    int ours, theirs;
};

static inline struct pair connect_pair(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_addr = {.s_addr = htonl(INADDR_LOOPBACK)}};
    socklen_t length = sizeof address;
    int listener = socket(AF_INET, SOCK_STREAM, 0), at_once = 1;
    struct pair pair = {.ours = socket(AF_INET, SOCK_STREAM, 0)};

    assert_int_equal(bind(listener, (struct sockaddr *)&address, sizeof address), 0);
    assert_int_equal(listen(listener, 1), 0);
    assert_int_equal(getsockname(listener, (struct sockaddr *)&address, &length), 0);
    stamp_ask(pair.ours);
    assert_int_equal(connect(pair.ours, (struct sockaddr *)&address, sizeof address), 0);
    pair.theirs = accept(listener, NULL, NULL);
    assert_true(pair.theirs >= 0);
    setsockopt(pair.theirs, IPPROTO_TCP, TCP_NODELAY, &at_once, sizeof at_once);
    close(listener);
    return pair;
}

static inline void close_pair(struct pair *pair)
{
    close(pair->ours);
    if (pair->theirs >= 0)
        close(pair->theirs);
}

static inline void wait_ms(int ms)
{
    nanosleep(&(struct timespec){0, ms * 1000000L}, NULL);
}

/* Until something is to be read, or the connection is broken. */
static inline void wait_for_something(int socket)
{
    struct pollfd ready = {.fd = socket, .events = POLLIN};

    assert_int_equal(poll(&ready, 1, 10000), 1);
}

static inline int64_t look(int socket)
{
    struct stamp_offset offset = {0};
    struct stamp_look look;

    stamp_sample(&offset, clock_monotonic_ns(), true);
    look = stamp_look(socket, &offset);
    assert_int_equal(look.trouble, 0);
    return look.came_ns;
}

/* The kernel begins to stamp a while after the first socket of the machine asks for it. */
static inline void wait_for_stamps(const struct pair *pair)
{
    char byte;

    for (int i = 0; i < 1000; i++) {
        int64_t stamp;

        assert_int_equal(write(pair->theirs, "a", 1), 1);
        wait_ms(1);
        stamp = look(pair->ours);
        assert_int_equal(read(pair->ours, &byte, 1), 1);
        if (stamp != CLOCK_NEVER)
            return;
    }
    fail_msg("the kernel gives no stamps");
}

#endif
