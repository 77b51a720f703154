/* What reading a stream costs: nanoseconds per event of about 300 bytes, in reads as a socket gives
 * them, so that most reads end inside an event.
 *
 * The ways are measured in turn, again and again, so that all of them meet the same machine; the
 * table shows the best and the median of each, and the median as a multiple of the floor: looking
 * for line ends and nothing else. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/clock.h"
#include "load/transfer.h"
#include "wire/openai.h"

enum { EVENTS = 2000, RESPONSES = 5, ROUNDS = 31 };

/* An answer as it comes from the network, and what the way that reads it has seen. */
struct bench {
    struct text response;
    size_t read; /* bytes at a time */
    struct transfer *transfer;
    struct stream stream;
    struct scan_previous before;
    size_t events, contents;
};

/* --- The answer ------------------------------------------------------------------------------- */

static void add_event(struct text *response, size_t i)
{
    static const char *const words[] = {" the", " of",    " switching", ",",
                                        "\\n",  " model", "\\u00e9"};

    text_printf(response,
                "data: {\"id\":\"6aab7b9d-5c4e-4f0a-9f5e-0d6f3f1f2a11\",\"object\":"
                "\"chat.completion.chunk\",\"created\":1764022114.350458,\"model\":"
                "\"Meta-Llama-3.3-70B-Instruct\",\"system_fingerprint\":\"fastcoe\",\"choices\":"
                "[{\"index\":0,\"delta\":{\"content\":\"%s\",\"role\":\"assistant\"},\"logprobs\":"
                "null,\"finish_reason\":null}],\"usage\":null}\n\n",
                words[i % (sizeof words / sizeof *words)]);
}

/* --- Ways to read it -------------------------------------------------------------------------- */

static void only_count(void *context, const char *payload, size_t length)
{
    struct bench *bench = context;

    (void)payload;
    bench->events++;
    bench->contents += length > 0;
}

static void count_event(struct bench *bench, const struct event *event)
{
    bench->events++;
    bench->contents += event->content;
}

static void scan(void *context, const char *payload, size_t length)
{
    struct event event;

    struct bench *bench = context;

    dialect_take_event(&dialect_openai, payload, length, &bench->before, &event);
    count_event(bench, &event);
}

/* As where each event is unlike the one before. */
static void scan_whole(void *context, const char *payload, size_t length)
{
    struct bench *bench = context;

    bench->before.wants = NULL;
    scan(context, payload, length);
}

static void parse(void *context, const char *payload, size_t length)
{
    struct event event;

    dialect_openai.read_event(payload, length, &event);
    count_event(context, &event);
}

static void feed(struct bench *bench, struct stream *stream)
{
    const struct text *response = &bench->response;

    for (size_t at = 0; at < response->length; at += bench->read) {
        size_t left = response->length - at;

        stream_feed(stream, response->bytes + at, left < bench->read ? left : bench->read);
    }
}

static void feed_to(struct bench *bench, void (*on_event)(void *, const char *, size_t))
{
    stream_start(&bench->stream, STREAM_EVENTS, on_event, bench);
    feed(bench, &bench->stream);
}

static void run_scan(struct bench *bench)
{
    const char *at = bench->response.bytes, *end = at + bench->response.length;
    size_t lines = 0;

    while ((at = memchr(at, '\n', (size_t)(end - at)))) {
        at++;
        lines++;
    }
    bench->events += lines / 2;
    bench->contents += lines / 2;
}

static void run_framing(struct bench *bench)
{
    feed_to(bench, only_count);
}

static void run_json_scan_whole(struct bench *bench)
{
    feed_to(bench, scan_whole);
}

static void run_json_scan(struct bench *bench)
{
    feed_to(bench, scan);
}

/* What a run does with an answer, from libcurl's callback on. */
static void run_record(struct bench *bench)
{
    transfer_begin(bench->transfer, 1);
    feed(bench, &bench->transfer->reply.stream);
    bench->events += bench->transfer->request.chunk_count;
    bench->contents += bench->transfer->request.chunk_count;
}

static void run_parse(struct bench *bench)
{
    feed_to(bench, parse);
}

static const struct {
    const char *name;
    void (*run)(struct bench *bench);
} ways[] = {
    {"look for line ends (the floor)", run_scan},  {"framing", run_framing},
    {"framing, scan of all", run_json_scan_whole}, {"framing, scan of what differs", run_json_scan},
    {"the same, and record (a run)", run_record},  {"framing, cJSON", run_parse},
};

enum { WAYS = sizeof ways / sizeof *ways };

/* --- Measuring -------------------------------------------------------------------------------- */

/* Nanoseconds per event; ends the program where the way missed any. */
static double measure(struct bench *bench, void (*run)(struct bench *bench))
{
    int64_t start;

    bench->events = bench->contents = 0;
    start = clock_monotonic_ns();
    for (int i = 0; i < RESPONSES; i++)
        run(bench);
    start = clock_monotonic_ns() - start;
    if (bench->events != EVENTS * RESPONSES || bench->contents != bench->events) {
        fprintf(stderr, "bench-wire: %zu events and %zu contents of %d were seen\n", bench->events,
                bench->contents, EVENTS * RESPONSES);
        exit(1);
    }
    return (double)start / (EVENTS * RESPONSES);
}

static int by_value(const void *a, const void *b)
{
    double first = *(const double *)a, second = *(const double *)b;

    return (first > second) - (first < second);
}

static void compare_ways(struct bench *bench, const char *reads)
{
    static double cost[WAYS][ROUNDS];

    for (int round = 0; round < ROUNDS; round++) {
        for (int way = 0; way < WAYS; way++)
            cost[way][round] = measure(bench, ways[way].run);
    }
    for (int way = 0; way < WAYS; way++)
        qsort(cost[way], ROUNDS, sizeof cost[way][0], by_value);
    printf("\nreads of %-23s  best ns  median ns  x floor  M events/s\n", reads);
    for (int way = 0; way < WAYS; way++) {
        double median = cost[way][ROUNDS / 2];

        printf("%-32s  %7.1f  %9.1f  %7.1f  %10.2f\n", ways[way].name, cost[way][0], median,
               median / cost[0][ROUNDS / 2], 1e3 / median);
    }
}

int main(void)
{
    static const struct target target = {
        .dialect = &dialect_openai, .chat_url = "http://127.0.0.1/", .key_header = ""};
    static const struct {
        size_t bytes; /* 0: the length of the first event; not all have it */
        const char *name;
    } reads[] = {{16 << 10, "16 KiB"}, {64 << 10, "64 KiB"}, {0, "about an event"}};
    struct loop loop = {0};
    struct bench bench = {.transfer = transfer_new(&target, &loop, 0, NULL)};
    size_t event;

    add_event(&bench.response, 0);
    event = bench.response.length;
    for (size_t i = 1; i < EVENTS; i++)
        add_event(&bench.response, i);
    printf("events of %zu bytes, %d to an answer, %d rounds\n", event, EVENTS, ROUNDS);
    for (size_t i = 0; i < sizeof reads / sizeof *reads; i++) {
        bench.read = reads[i].bytes ? reads[i].bytes : event;
        compare_ways(&bench, reads[i].name);
    }
    stream_clear(&bench.stream);
    scan_forget(&bench.before);
    transfer_free(bench.transfer);
    text_clear(&bench.response);
    return 0;
}
