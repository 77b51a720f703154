/* A bare reader: streams from a server of the OpenAI dialect to as many connections, on one epoll,
 * near the least that a client can do. It throws away what comes, or scans it for events.
 *
 * Usage: reader PORT STREAMS TOKENS NAME MODELS discard|scan [HOLD|- [LOG]]
 *
 * Stream i asks the model "NAME-<i mod MODELS>" for TOKENS tokens; where HOLD is given, that model
 * is asked first for one token, so that what follows waits for it together. Each answer ends with
 * its connection. Where LOG is given, it gets a line of JSON for each answer: its id, and when each
 * event with content was read, in nanoseconds of the monotonic clock. Prints one line of JSON:
 * bytes, reads, seconds from the first byte to the end of the last answer, cpu_s of this process;
 * content, usage, done: events of those kinds, where it scans. */
#include <arpa/inet.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { ROOM = 256 << 10, READY_MOST = 256, SILENCE_MOST_MS = 20000 };

struct stream {
    int fd;
    char *rest; /* a line that is not whole yet */
    size_t rest_length, rest_room;
    char id[64];
    int64_t *seen_ns; /* where they are logged, room for all tokens */
    long seen;
};

struct totals {
    uint64_t bytes, reads, content, usage, done;
    double first_s, last_s;
    int64_t read_ns; /* when what is being scanned was read */
};

static void fail(const char *what)
{
    perror(what);
    exit(1);
}

static int64_t now_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
}

static double cpu_s(void)
{
    struct rusage used;

    getrusage(RUSAGE_SELF, &used);
    return (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
           (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec) * 1e-6;
}

static void note(struct stream *stream, const char *line, size_t length, int64_t at_ns)
{
    static const char key[] = "\"id\":\"";
    const char *id = stream->seen == 0 ? memmem(line, length, key, sizeof key - 1) : NULL;

    if (id)
        snprintf(stream->id, sizeof stream->id, "%.*s", (int)strcspn(id + sizeof key - 1, "\""),
                 id + sizeof key - 1);
    stream->seen_ns[stream->seen++] = at_ns;
}

/* Counts a line where it is an event. */
static void count_line(struct stream *stream, const char *line, size_t length,
                       struct totals *totals)
{
    static const char content[] = "\"content\":\"", usage[] = "\"usage\":{";
    const char *found;

    if (length < 7 || memcmp(line, "data: ", 6) != 0)
        return;
    if (line[6] == '[') {
        totals->done += memcmp(line + 6, "[DONE]", 6) == 0;
        return;
    }
    found = memmem(line, length, content, sizeof content - 1);
    if (found && found[sizeof content - 1] != '"') {
        totals->content++;
        if (stream->seen_ns)
            note(stream, line, length, totals->read_ns);
    } else if (!found)
        totals->usage += memmem(line, length, usage, sizeof usage - 1) != NULL;
}

static void keep(struct stream *stream, const char *bytes, size_t length)
{
    if (stream->rest_length + length > stream->rest_room) {
        stream->rest_room = 2 * (stream->rest_length + length);
        stream->rest = realloc(stream->rest, stream->rest_room);
        if (!stream->rest)
            fail("reader");
    }
    memcpy(stream->rest + stream->rest_length, bytes, length);
    stream->rest_length += length;
}

/* The server sends whole events in a chunk, so lines tell events and chunk heads apart. */
static void scan(struct stream *stream, const char *bytes, size_t length, struct totals *totals)
{
    const char *end = bytes + length, *line_end;

    while ((line_end = memchr(bytes, '\n', (size_t)(end - bytes)))) {
        if (stream->rest_length > 0) {
            keep(stream, bytes, (size_t)(line_end - bytes));
            count_line(stream, stream->rest, stream->rest_length, totals);
            stream->rest_length = 0;
        } else {
            count_line(stream, bytes, (size_t)(line_end - bytes), totals);
        }
        bytes = line_end + 1;
    }
    if (bytes < end)
        keep(stream, bytes, (size_t)(end - bytes));
}

static int ask(int port, const char *model, long tokens)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((uint16_t)port),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    char body[512], request[1024];
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int length = snprintf(body, sizeof body,
                          "{\"model\":\"%s\",\"max_tokens\":%ld,\"stream\":true,"
                          "\"stream_options\":{\"include_usage\":true},"
                          "\"messages\":[{\"role\":\"user\",\"content\":\"go\"}]}",
                          model, tokens);

    length = snprintf(request, sizeof request,
                      "POST /v1/chat/completions HTTP/1.1\r\nHost: bench\r\nConnection: close\r\n"
                      "Authorization: Bearer demo-key\r\nContent-Length: %d\r\n\r\n%s",
                      length, body);
    if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof address) != 0 ||
        send(fd, request, (size_t)length, MSG_NOSIGNAL) != length)
        fail("reader: cannot ask");
    return fd;
}

/* One read of what came; false where the answer has ended. */
static bool receive(struct stream *stream, bool scans, struct totals *totals)
{
    static char bytes[ROOM];
    /* Linux: MSG_TRUNC throws the bytes of a stream away without copying them. */
    ssize_t got = recv(stream->fd, bytes, sizeof bytes, MSG_DONTWAIT | (scans ? 0 : MSG_TRUNC));

    if (got < 0)
        return true;
    totals->read_ns = now_ns();
    totals->last_s = (double)totals->read_ns * 1e-9;
    if (totals->first_s == 0)
        totals->first_s = totals->last_s;
    totals->bytes += (uint64_t)got;
    totals->reads++;
    if (scans)
        scan(stream, bytes, (size_t)got, totals);
    return got > 0;
}

static void read_all(int epoll_fd, int streams, bool scans, struct totals *totals)
{
    struct epoll_event ready[READY_MOST];

    while (streams > 0) {
        int count = epoll_wait(epoll_fd, ready, READY_MOST, SILENCE_MOST_MS);

        if (count <= 0)
            fail("reader: nothing comes any more");
        for (int i = 0; i < count; i++) {
            struct stream *stream = ready[i].data.ptr;

            if (receive(stream, scans, totals))
                continue;
            close(stream->fd);
            free(stream->rest);
            streams--;
        }
    }
}

static void begin(int epoll_fd, struct stream *stream, int port, const char *model, long tokens)
{
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = stream};

    stream->fd = ask(port, model, tokens);
    if (epoll_ctl(epoll_fd, EPOLL_CTL_ADD, stream->fd, &event) != 0)
        fail("reader: epoll_ctl");
}

static void write_log(const char *path, const struct stream *all, int streams)
{
    FILE *file = fopen(path, "w");

    if (!file)
        fail(path);
    for (int i = 0; i < streams; i++) {
        fprintf(file, "{\"id\": \"%s\", \"seen_ns\": [", all[i].id);
        for (long k = 0; k < all[i].seen; k++)
            fprintf(file, "%s%" PRId64, k > 0 ? ", " : "", all[i].seen_ns[k]);
        fputs("]}\n", file);
    }
    if (fclose(file) != 0)
        fail(path);
}

int main(int count, char **words)
{
    struct totals totals = {0};
    int epoll_fd = epoll_create1(EPOLL_CLOEXEC), streams = count > 2 ? atoi(words[2]) : 0;
    struct stream *all;
    bool scans, holds;

    if (count < 7 || streams < 1) {
        fputs("usage: reader PORT STREAMS TOKENS NAME MODELS discard|scan [HOLD|- [LOG]]\n",
              stderr);
        return 2;
    }
    scans = strcmp(words[6], "scan") == 0;
    all = calloc((size_t)streams + 1, sizeof *all);
    if (!all || epoll_fd < 0)
        fail("reader");
    holds = count > 7 && strcmp(words[7], "-") != 0;
    if (holds) {
        begin(epoll_fd, &all[streams], atoi(words[1]), words[7], 1);
        usleep(20000); /* lest another overtake it */
    }
    for (int i = 0; i < streams; i++) {
        char model[128];

        snprintf(model, sizeof model, "%s-%d", words[4], i % atoi(words[5]));
        if (count > 8)
            all[i].seen_ns = calloc((size_t)atol(words[3]), sizeof *all[i].seen_ns);
        begin(epoll_fd, &all[i], atoi(words[1]), model, atol(words[3]));
    }
    read_all(epoll_fd, streams + holds, scans, &totals);
    if (count > 8)
        write_log(words[8], all, streams);
    printf("{\"bytes\": %" PRIu64 ", \"reads\": %" PRIu64 ", \"seconds\": %.6f, \"cpu_s\": %.6f, "
           "\"content\": %" PRIu64 ", \"usage\": %" PRIu64 ", \"done\": %" PRIu64 "}\n",
           totals.bytes, totals.reads, totals.last_s - totals.first_s, cpu_s(), totals.content,
           totals.usage, totals.done);
    free(all);
    return 0;
}
