/* A bare reader: streams from a server of the OpenAI dialect to as many connections, on one epoll,
 * near the least that a client can do. It throws away what comes, or scans it for events.
 *
 * Usage: reader PORT STREAMS TOKENS NAME MODELS discard|scan|look|log=FILE [HOLD]
 *
 * Stream i asks the model "NAME-<i mod MODELS>" for TOKENS tokens; where HOLD is given, that model
 * is asked first for one token, so that what follows waits for it together. Each answer ends with
 * its connection. Prints one line of JSON: bytes, reads, seconds from the first byte to the end of
 * the last answer, cpu_s of this process and the most memory it held, resident_mb; content, usage,
 * done: events of those kinds, where it scans. With look it scans, but first looks at what waits
 * and at the kernel's stamp of it, and then takes it, as a client has to that shares its sockets
 * with a library. With log= it scans, keeps the moment of the read that completed each event with
 * content, and at the end writes to FILE a line of JSON per answer: its id, and seen_ns, those
 * moments in nanoseconds of the monotonic clock. */
#include <inttypes.h>
#include <stdbool.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "bare.h"

enum { ROOM = 256 << 10, READY_MOST = 256, SILENCE_MOST_MS = 20000 };

struct stream {
    int fd;
    char *rest; /* a line that is not whole yet */
    size_t rest_length, rest_room;
    char id[64];
    int64_t *seen_ns; /* of events with content; NULL where nobody wants to know */
    size_t seen, seen_room;
};

enum way { DISCARD, SCAN, LOOK };

struct totals {
    uint64_t bytes, reads, content, usage, done;
    double first_s, last_s;
    int64_t now_ns; /* of the read that is looked at */
};

/* Not ru_maxrss, which knows the program that was here before exec. */
static double resident_mb(void)
{
    FILE *file = fopen("/proc/self/status", "re");
    char line[256];
    double kib = 0;

    while (file && fgets(line, sizeof line, file))
        if (sscanf(line, "VmHWM: %lf", &kib) == 1)
            break;
    if (file)
        fclose(file);
    return kib * 1024e-6;
}

/* Keeps when a stream's event was seen, and from its first the answer's id. */
static void note_seen(struct stream *stream, const char *line, size_t length, int64_t moment_ns)
{
    static const char id[] = "\"id\":\"";
    const char *found = stream->seen == 0 ? memmem(line, length, id, sizeof id - 1) : NULL;

    if (found)
        for (size_t i = 0; i + 1 < sizeof stream->id && found[sizeof id - 1 + i] != '"'; i++)
            stream->id[i] = found[sizeof id - 1 + i];
    if (stream->seen < stream->seen_room)
        stream->seen_ns[stream->seen++] = moment_ns;
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
    if (!found) {
        totals->usage += memmem(line, length, usage, sizeof usage - 1) != NULL;
    } else if (found[sizeof content - 1] != '"') {
        totals->content++;
        if (stream->seen_ns)
            note_seen(stream, line, length, totals->now_ns);
    }
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

/* Looks at what waits and when it came, and takes it. */
static ssize_t look_and_take(int fd, char *bytes)
{
    char control[256];
    struct iovec room = {bytes, ROOM};
    struct msghdr message = {.msg_iov = &room,
                             .msg_iovlen = 1,
                             .msg_control = control,
                             .msg_controllen = sizeof control};
    ssize_t got = recvmsg(fd, &message, MSG_PEEK | MSG_DONTWAIT);

    return got > 0 ? recv(fd, bytes, (size_t)got, MSG_DONTWAIT | MSG_TRUNC) : got;
}

/* One read of what came; false where the answer has ended. */
static bool receive(struct stream *stream, enum way way, struct totals *totals)
{
    static char bytes[ROOM];
    /* Linux: MSG_TRUNC throws the bytes of a stream away without copying them. */
    ssize_t got = way == LOOK ? look_and_take(stream->fd, bytes)
                              : recv(stream->fd, bytes, sizeof bytes,
                                     MSG_DONTWAIT | (way == SCAN ? 0 : MSG_TRUNC));

    if (got < 0)
        return true;
    totals->now_ns = now_ns();
    totals->last_s = (double)totals->now_ns * 1e-9;
    if (totals->first_s == 0)
        totals->first_s = totals->last_s;
    totals->bytes += (uint64_t)got;
    totals->reads++;
    if (way != DISCARD)
        scan(stream, bytes, (size_t)got, totals);
    return got > 0;
}

static void read_all(int epoll_fd, int streams, enum way way, struct totals *totals)
{
    struct epoll_event ready[READY_MOST];

    while (streams > 0) {
        int count = epoll_wait(epoll_fd, ready, READY_MOST, SILENCE_MOST_MS);

        if (count <= 0)
            fail("reader: nothing comes any more");
        for (int i = 0; i < count; i++) {
            struct stream *stream = ready[i].data.ptr;

            if (receive(stream, way, totals))
                continue;
            close(stream->fd);
            free(stream->rest);
            streams--;
        }
    }
}

static void write_log(const char *path, struct stream *all, int streams)
{
    FILE *file = fopen(path, "we");

    if (!file)
        fail(path);
    for (int i = 0; i < streams; i++) {
        fprintf(file, "{\"id\": \"%s\", \"seen_ns\": [", all[i].id);
        for (size_t k = 0; k < all[i].seen; k++)
            fprintf(file, "%s%" PRId64, k > 0 ? ", " : "", all[i].seen_ns[k]);
        fputs("]}\n", file);
        free(all[i].seen_ns);
    }
    if (fclose(file) != 0)
        fail(path);
}

static void print_totals(const struct totals *totals, double used_s, double held_mb)
{
    printf("{\"bytes\": %" PRIu64 ", \"reads\": %" PRIu64 ", \"seconds\": %.6f, \"cpu_s\": %.6f, "
           "\"resident_mb\": %.3f, \"content\": %" PRIu64 ", \"usage\": %" PRIu64
           ", \"done\": %" PRIu64 "}\n",
           totals->bytes, totals->reads, totals->last_s - totals->first_s, used_s, held_mb,
           totals->content, totals->usage, totals->done);
}

static void begin(int epoll_fd, struct stream *stream, int port, const char *model, long tokens)
{
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = stream};

    stream->fd = connect_here(port);
    ask(stream->fd, model, tokens, "close");
    if (epoll_ctl(epoll_fd, EPOLL_CTL_ADD, stream->fd, &event) != 0)
        fail("reader: epoll_ctl");
}

static enum way way_of(const char *word)
{
    return strcmp(word, "look") == 0 ? LOOK : strcmp(word, "discard") == 0 ? DISCARD : SCAN;
}

static void ask_for_stamps(int fd)
{
    int on = 1;

    setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof on);
}

int main(int count, char **words)
{
    struct totals totals = {0};
    int epoll_fd = epoll_create1(EPOLL_CLOEXEC), streams = count > 2 ? atoi(words[2]) : 0;
    const char *log = count > 6 && strncmp(words[6], "log=", 4) == 0 ? words[6] + 4 : NULL;
    struct stream *all;
    enum way way;

    if (count < 7 || streams < 1) {
        fputs("usage: reader PORT STREAMS TOKENS NAME MODELS discard|scan|look|log=FILE [HOLD]\n",
              stderr);
        return 2;
    }
    way = way_of(words[6]);
    all = calloc((size_t)streams + 1, sizeof *all);
    if (!all || epoll_fd < 0)
        fail("reader");
    if (count > 7) {
        begin(epoll_fd, &all[streams], atoi(words[1]), words[7], 1);
        usleep(20000); /* lest another overtake it */
    }
    for (int i = 0; i < streams; i++) {
        char model[128];

        if (log) {
            all[i].seen_room = (size_t)atol(words[3]);
            all[i].seen_ns = calloc(all[i].seen_room, sizeof *all[i].seen_ns);
            if (!all[i].seen_ns)
                fail("reader");
        }
        snprintf(model, sizeof model, "%s-%d", words[4], i % atoi(words[5]));
        begin(epoll_fd, &all[i], atoi(words[1]), model, atol(words[3]));
        if (way == LOOK)
            ask_for_stamps(all[i].fd);
    }
    read_all(epoll_fd, streams + (count > 7), way, &totals);
    print_totals(&totals, cpu_s(), resident_mb());
    if (log)
        write_log(log, all, streams);
    free(all);
    return 0;
}
