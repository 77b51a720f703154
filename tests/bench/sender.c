/* A bare open loop: sends requests of one token at the moments of a Poisson process and does
 * nothing else, which is near the least late that a client can be.
 *
 * Usage: sender PORT RATE REQUESTS MODEL sleep|spin
 *
 * Connections are open beforehand and take turns. It sleeps until each moment, or with `spin` until
 * 100 us before it, and throws answers away as they come. Prints one line of JSON per request, in
 * their order: intended_ns and sent_ns, just before the send, of the monotonic clock. */
#include <inttypes.h>
#include <math.h>
#include <stdbool.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "bare.h"

enum { CONNECTIONS = 64, READY_MOST = 64, LEAD_NS = 100000000, SPIN_NS = 100000 };

static void throw_away(const struct epoll_event *ready, int count)
{
    static char bytes[65536];

    for (int i = 0; i < count; i++)
        if (recv(ready[i].data.fd, bytes, sizeof bytes, MSG_DONTWAIT) == 0)
            fail("sender: the server closed a connection");
}

/* Reads what comes until then. */
static void sleep_until(int epoll_fd, int64_t until_ns)
{
    struct epoll_event ready[READY_MOST];
    int64_t left_ns;

    while ((left_ns = until_ns - now_ns()) > 0) {
        struct timespec left = {left_ns / 1000000000, left_ns % 1000000000};

        throw_away(ready, epoll_pwait2(epoll_fd, ready, READY_MOST, &left, NULL));
    }
}

static void spin_until(int64_t until_ns)
{
    while (now_ns() < until_ns)
        continue;
}

int main(int count, char **words)
{
    int epoll_fd = epoll_create1(EPOLL_CLOEXEC), fds[CONNECTIONS];
    long requests = count == 6 ? atol(words[3]) : 0;
    double rate = count == 6 ? atof(words[2]) : 0;
    bool spins = count == 6 && strcmp(words[5], "spin") == 0;
    int64_t due_ns;

    if (requests < 1 || rate <= 0) {
        fputs("usage: sender PORT RATE REQUESTS MODEL sleep|spin\n", stderr);
        return 2;
    }
    prctl(PR_SET_TIMERSLACK, 1UL);
    for (int i = 0; i < CONNECTIONS; i++) {
        struct epoll_event event = {.events = EPOLLIN,
                                    .data.fd = fds[i] = connect_here(atoi(words[1]))};

        if (epoll_ctl(epoll_fd, EPOLL_CTL_ADD, fds[i], &event) != 0)
            fail("sender: epoll_ctl");
    }
    due_ns = now_ns() + LEAD_NS;
    for (long i = 0; i < requests; i++) {
        int64_t sent_ns;

        due_ns += (int64_t)(-log(1 - drand48()) / rate * 1e9);
        sleep_until(epoll_fd, due_ns - (spins ? SPIN_NS : 0));
        spin_until(due_ns);
        sent_ns = now_ns();
        ask(fds[i % CONNECTIONS], words[4], 1, "keep-alive");
        printf("{\"intended_ns\": %" PRId64 ", \"sent_ns\": %" PRId64 "}\n", due_ns, sent_ns);
    }
    sleep_until(epoll_fd, now_ns() + LEAD_NS);
    return 0;
}
