/* A bare timer loop: what this machine allows a sender that does nothing else. It sleeps until each
 * moment of a schedule with the same wait as the simulator, notes how late it is, and writes one
 * event's bytes to the stream whose turn it is.
 *
 * Usage: pacer STREAMS EVENTS INTERVAL_US SPREAD_US BYTES
 *
 * Prints its port; once STREAMS connections have sent something, event k of stream s is due at
 * start + k * INTERVAL_US + s * SPREAD_US. BYTES 0: nothing is written, a loop of timers alone.
 * Prints one line of JSON: count, p50_us, p99_us, cpu_s. */
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "bare.h"

enum { LEAD_NS = 100000000, BYTES_MOST = 4096 };

static void accept_streams(int *fds, int streams)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), yes = 1;
    char request[4096];

    if (listener < 0 || bind(listener, (struct sockaddr *)&address, sizeof address) != 0 ||
        listen(listener, 4096) != 0 ||
        getsockname(listener, (struct sockaddr *)&address, &length) != 0)
        fail("pacer: cannot listen");
    printf("%d\n", ntohs(address.sin_port));
    fflush(stdout);
    for (int i = 0; i < streams; i++) {
        fds[i] = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
        if (fds[i] < 0 || recv(fds[i], request, sizeof request, 0) <= 0)
            fail("pacer: accept");
        setsockopt(fds[i], IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    }
    close(listener);
}

/* As the simulator waits. */
static void wait_until(int epoll_fd, int64_t due_ns)
{
    struct epoll_event event;
    int64_t left_ns;

    while ((left_ns = due_ns - now_ns()) > 0) {
        struct timespec left = {left_ns / 1000000000, left_ns % 1000000000};

        if (epoll_pwait2(epoll_fd, &event, 1, &left, NULL) < 0)
            fail("pacer: epoll_pwait2");
    }
}

static int compare(const void *one, const void *other)
{
    int64_t a = *(const int64_t *)one, b = *(const int64_t *)other;

    return (a > b) - (a < b);
}

int main(int count, char **words)
{
    static char event[BYTES_MOST];
    int streams = count == 6 ? atoi(words[1]) : 0;
    int64_t events = count == 6 ? atoll(words[2]) : 0, n = 0, start_ns, *late_ns;
    int epoll_fd = epoll_create1(EPOLL_CLOEXEC), *fds;
    size_t bytes = count == 6 ? (size_t)atoll(words[5]) : 0;

    if (streams < 1 || events < 1 || bytes > BYTES_MOST) {
        fputs("usage: pacer STREAMS EVENTS INTERVAL_US SPREAD_US BYTES\n", stderr);
        return 2;
    }
    fds = calloc((size_t)streams, sizeof *fds);
    late_ns = calloc((size_t)(streams * events), sizeof *late_ns);
    if (!fds || !late_ns || epoll_fd < 0)
        fail("pacer");
    memset(event, 'x', sizeof event);
    prctl(PR_SET_TIMERSLACK, 1UL, 0UL, 0UL, 0UL);
    accept_streams(fds, streams);
    start_ns = now_ns() + LEAD_NS;
    for (int64_t k = 0; k < events; k++) {
        for (int s = 0; s < streams; s++) {
            int64_t due_ns =
                start_ns + k * atoll(words[3]) * 1000 + (int64_t)(s * atof(words[4]) * 1000);

            wait_until(epoll_fd, due_ns);
            late_ns[n++] = now_ns() - due_ns;
            if (bytes > 0 && send(fds[s], event, bytes, MSG_NOSIGNAL) != (ssize_t)bytes)
                fail("pacer: send");
        }
    }
    qsort(late_ns, (size_t)n, sizeof *late_ns, compare);
    printf("{\"count\": %lld, \"p50_us\": %.1f, \"p99_us\": %.1f, \"cpu_s\": %.6f}\n", (long long)n,
           (double)late_ns[n / 2] / 1e3, (double)late_ns[n * 99 / 100] / 1e3, cpu_s());
    free(fds);
    free(late_ns);
    return 0;
}
