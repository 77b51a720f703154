/* A bare endpoint that notes when requests come: by the kernel's stamp of each one's first bytes,
 * so that how soon it reads them itself counts for nothing.
 *
 * Usage: catcher REQUESTS
 *
 * Prints its port. Who asks for anything but a chat completion gets an empty list at once;
 * responses of one token begin when REQUESTS of them have come. Prints one line of JSON when as
 * many connections have been responded to and closed: count, spread_us, from the first to the last,
 * and p50_us and p99_us, from the first to so many of them. */
#include <stdbool.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "bare.h"

enum { FILES_MOST = 65536, HEAD_MOST = 16384, READY_MOST = 256 };

static const char empty_list[] = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
                                 "Content-Length: 27\r\n\r\n{\"object\":\"list\",\"data\":[]}";

#define EVENT                                                                                      \
    "data: {\"id\":\"c\",\"object\":\"chat.completion.chunk\",\"model\":\"m\",\"choices\":"
static const char events[] =
    EVENT "[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"go\"},\"finish_reason\":"
          "null}]}\n\n" EVENT "[{\"index\":0,\"delta\":{},\"finish_reason\":\"length\"}]}\n\n" EVENT
          "[],\"usage\":{\"prompt_tokens\":5,\"completion_tokens\":1,\"total_tokens\":6}}\n\n"
          "data: [DONE]\n\n";

struct caller {
    char head[HEAD_MOST + 1];
    size_t length; /* of the request so far */
    int64_t came_ns;
};

static struct caller *caller[FILES_MOST];
static int64_t *came_ns;
static int *waiting;
static long wanted, came;

static int listen_here(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), yes = 1;

    /* those that are accepted have the stamps from their first byte on */
    if (listener < 0 || setsockopt(listener, SOL_SOCKET, SO_TIMESTAMPNS, &yes, sizeof yes) != 0 ||
        bind(listener, (struct sockaddr *)&address, sizeof address) != 0 ||
        listen(listener, 16384) != 0 ||
        getsockname(listener, (struct sockaddr *)&address, &length) != 0)
        fail("catcher: cannot listen");
    printf("%d\n", ntohs(address.sin_port));
    fflush(stdout);
    return listener;
}

static void take_caller(int listener, int epoll_fd)
{
    int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC), yes = 1;
    struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};

    if (fd < 0 || fd >= FILES_MOST)
        fail("catcher: accept");
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    if (!caller[fd] && !(caller[fd] = calloc(1, sizeof *caller[fd])))
        fail("catcher");
    caller[fd]->length = 0;
    if (epoll_ctl(epoll_fd, EPOLL_CTL_ADD, fd, &event) != 0)
        fail("catcher: epoll_ctl");
}

/* Reads on; false: the connection has ended. */
static bool read_on(int fd, struct caller *one)
{
    char control[256];
    struct iovec room = {one->head + one->length, HEAD_MOST - one->length};
    struct msghdr message = {.msg_iov = &room,
                             .msg_iovlen = 1,
                             .msg_control = control,
                             .msg_controllen = sizeof control};
    ssize_t got = recvmsg(fd, &message, MSG_DONTWAIT);
    struct timespec stamp = {0};

    if (got <= 0)
        return false;
    for (struct cmsghdr *part = CMSG_FIRSTHDR(&message); part; part = CMSG_NXTHDR(&message, part))
        if (part->cmsg_level == SOL_SOCKET && part->cmsg_type == SCM_TIMESTAMPNS)
            memcpy(&stamp, CMSG_DATA(part), sizeof stamp);
    if (one->length == 0)
        one->came_ns = (int64_t)stamp.tv_sec * 1000000000 + stamp.tv_nsec;
    one->length += (size_t)got;
    one->head[one->length] = '\0';
    return true;
}

static bool is_whole(const struct caller *one)
{
    const char *end = strstr(one->head, "\r\n\r\n"),
               *length = strstr(one->head, "Content-Length: ");
    size_t body = length && length < end ? strtoul(length + 16, NULL, 10) : 0;

    return end && one->length >= (size_t)(end + 4 - one->head) + body;
}

static void respond(int fd, const char *bytes, size_t length)
{
    if (send(fd, bytes, length, MSG_NOSIGNAL) != (ssize_t)length)
        fail("catcher: send");
}

static void respond_all(void)
{
    char response[2048];
    int length = snprintf(response, sizeof response,
                          "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
                          "Content-Length: %zu\r\n\r\n%s",
                          sizeof events - 1, events);

    for (long i = 0; i < wanted; i++)
        respond(waiting[i], response, (size_t)length);
}

static void take(int fd, struct caller *one)
{
    if (strncmp(one->head, "POST ", 5) != 0 || !strstr(one->head, "/chat/completions")) {
        respond(fd, empty_list, sizeof empty_list - 1);
    } else if (came < wanted) {
        came_ns[came] = one->came_ns;
        waiting[came++] = fd;
        if (came == wanted)
            respond_all();
    }
    one->length = 0;
}

static int compare(const void *one, const void *other)
{
    int64_t a = *(const int64_t *)one, b = *(const int64_t *)other;

    return (a > b) - (a < b);
}

static void tell(void)
{
    qsort(came_ns, (size_t)came, sizeof *came_ns, compare);
    printf("{\"count\": %ld, \"spread_us\": %.1f, \"p50_us\": %.1f, \"p99_us\": %.1f}\n", came,
           (double)(came_ns[came - 1] - came_ns[0]) / 1e3,
           (double)(came_ns[came / 2] - came_ns[0]) / 1e3,
           (double)(came_ns[came * 99 / 100] - came_ns[0]) / 1e3);
}

int main(int count, char **words)
{
    struct epoll_event ready[READY_MOST], event = {.events = EPOLLIN};
    int epoll_fd = epoll_create1(EPOLL_CLOEXEC), listener;
    long open = 0;

    wanted = count == 2 ? atol(words[1]) : 0;
    if (wanted < 1 || wanted > FILES_MOST) {
        fputs("usage: catcher REQUESTS\n", stderr);
        return 2;
    }
    came_ns = calloc((size_t)wanted, sizeof *came_ns);
    waiting = calloc((size_t)wanted, sizeof *waiting);
    event.data.fd = listener = listen_here();
    if (!came_ns || !waiting || epoll_ctl(epoll_fd, EPOLL_CTL_ADD, listener, &event) != 0)
        fail("catcher");
    while (came < wanted || open > 0) {
        int some = epoll_wait(epoll_fd, ready, READY_MOST, -1);

        for (int i = 0; i < some; i++) {
            int fd = ready[i].data.fd;

            if (fd == listener) {
                take_caller(listener, epoll_fd);
                open++;
            } else if (!read_on(fd, caller[fd])) {
                close(fd);
                open--;
            } else if (is_whole(caller[fd])) {
                take(fd, caller[fd]);
            }
        }
    }
    tell();
    return 0;
}
