/* What the bare programs of the benches share. Nothing of it is shared with src/: they are the
 * measure. */
#ifndef BENCH_BARE_H
#define BENCH_BARE_H

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>

static inline void fail(const char *what)
{
    perror(what);
    exit(1);
}

static inline int64_t now_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static inline double cpu_s(void)
{
    struct rusage used;

    getrusage(RUSAGE_SELF, &used);
    return (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
           (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec) * 1e-6;
}

static inline int connect_here(int port)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((uint16_t)port),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), yes = 1;

    if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof address) != 0)
        fail("cannot connect");
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    return fd;
}

/* One send; `connection` is a header's value: close or keep-alive. */
static inline void ask(int fd, const char *model, long tokens, const char *connection)
{
    char body[512], request[1024];
    int length = snprintf(body, sizeof body,
                          "{\"model\":\"%s\",\"max_tokens\":%ld,\"stream\":true,"
                          "\"stream_options\":{\"include_usage\":true},"
                          "\"messages\":[{\"role\":\"user\",\"content\":\"go\"}]}",
                          model, tokens);

    length = snprintf(request, sizeof request,
                      "POST /v1/chat/completions HTTP/1.1\r\nHost: bench\r\nConnection: %s\r\n"
                      "Authorization: Bearer demo-key\r\nContent-Length: %d\r\n\r\n%s",
                      connection, length, body);
    if (send(fd, request, (size_t)length, MSG_NOSIGNAL) != length)
        fail("cannot ask");
}

#endif
