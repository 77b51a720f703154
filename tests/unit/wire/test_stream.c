/* Framing: each quirk that servers and proxies show (science.md, section 6), fed whole, byte by
 * byte, and cut in two at every place; each way must give the same events. */
#include "wire/stream.h"

#include "support.h"

/* Events are collected as "<payload>" one behind the other. */
static void collect(void *context, const char *payload, size_t length)
{
    struct text *events = context;

    text_add_char(events, '<');
    text_add(events, payload, length);
    text_add_char(events, '>');
}

/* Feeds bytes that are gone right after, in a block that ends where they end. */
static bool feed(struct stream *stream, const char *bytes, size_t length)
{
    char *read = memory_new(1, length ? length : 1);
    bool fed;

    memcpy(read, bytes, length);
    fed = stream_feed(stream, read, length);
    memset(read, '#', length);
    free(read);
    return fed;
}

struct quirk {
    const char *name, *bytes, *events;
};

/* Feeds the bytes in parts that end at `cut`, or one by one where `cut` is 0. */
static void expect_events(const struct quirk *quirk, enum stream_framing framing, size_t length,
                          size_t cut)
{
    struct text events = {0};
    struct stream stream = {0};

    text_add_string(&events, "");
    stream_start(&stream, framing, collect, &events);
    if (cut > 0) {
        assert_true(feed(&stream, quirk->bytes, cut));
        assert_true(feed(&stream, quirk->bytes + cut, length - cut));
    } else {
        for (size_t i = 0; i < length; i++)
            assert_true(feed(&stream, quirk->bytes + i, 1));
    }
    stream_finish(&stream);
    if (strcmp(events.bytes, quirk->events) != 0)
        print_error("cut behind byte %zu: ", cut);
    expect_text(quirk->name, events.bytes, quirk->events);
    stream_clear(&stream);
    text_clear(&events);
}

static void expect_quirks(const struct quirk *quirks, size_t count, enum stream_framing framing)
{
    for (size_t i = 0; i < count; i++) {
        size_t length = strlen(quirks[i].bytes);

        for (size_t cut = 0; cut <= length; cut++)
            expect_events(&quirks[i], framing, length, cut);
    }
}

static void test_event_stream_quirks(void **state)
{
    static const struct quirk quirks[] = {
        {"several events in one read", "data: a\n\ndata: b\n\ndata: c\n\n", "<a><b><c>"},
        {"no blank behind the colon", "data:a\n\n", "<a>"},
        {"only one blank is taken", "data:  a \n\n", "< a >"},
        {"CRLF", "data: a\r\n\r\ndata: b\r\n\r\n", "<a><b>"},
        {"CRLF between the lines of one event", "data: {\"a\":\r\ndata: 1}\r\n\r\n",
         "<{\"a\":\n1}>"},
        {"CR alone", "data: a\r\rdata: b\r\r", "<a><b>"},
        {"mixed line ends", "data: a\r\n\ndata: b\n\rdata: c\r\n\r\n", "<a><b><c>"},
        {"a CR, and a LF further on", "data: a\rdata: b\n\ndata: c\r\rdata: d\n\n", "<a><b><c><d>"},
        {"several data lines", "data: a\ndata: b\ndata\ndata:c\n\n", "<a><b><c>"},
        {"an empty data line before another", "data:\ndata: b\n\n", "<b>"},
        {"empty data lines alone", "data:\ndata\n\n", ""},
        {"other fields between data lines", "data: a\nid: 7\n: x\ndata: b\n\ndata: c\n\n",
         "<a><b><c>"},
        {"byte-order mark",
         "\xef\xbb\xbf"
         "data: a\n\n",
         "<a>"},
        {"byte-order mark only at the start",
         "data: a\n\n\xef\xbb\xbf"
         "data: b\n\ndata: c\n\n",
         "<a><c>"},
        {"byte-order mark alone in a line", "\xef\xbb\xbf\ndata: a\n\n", "<a>"},
        {"other fields", "event: message\nid: 7\nretry: 10\ndata: a\n\n", "<a>"},
        {"fields that only begin or end like data",
         "dat: x\ndata2: x\nxdata: x\n data: x\nData: "
         "x\ndata: a\n\n",
         "<a>"},
        {"comments", ": keep-alive\n\n:\n\n: ping - 12:30\ndata: a\n: OPENROUTER PROCESSING\n\n",
         "<a>"},
        {"blank events", "\n\n\ndata: a\n\n\n\n", "<a>"},
        {"empty data is no event", "data:\n\ndata: \n\ndata\n\ndata: a\n\n", "<a>"},
        {"event without data", "event: ping\n\ndata: a\n\n", "<a>"},
        {"keep-alive sent as data", "data: : keepalive\n\ndata: a\n\n", "<: keepalive><a>"},
        {"colons inside", "data: {\"a\":1}\n\n", "<{\"a\":1}>"},
        {"U+2028 and U+0085 are no line ends",
         "data: a\xe2\x80\xa8\xe2\x80\xa9\xc2\x85\x0b\x0c"
         "b\n\n",
         "<a\xe2\x80\xa8\xe2\x80\xa9\xc2\x85\x0b\x0c"
         "b>"},
        {"UTF-8 of four bytes", "data: \xf0\x9f\x8d\x92\n\n", "<\xf0\x9f\x8d\x92>"},
        {"done mark", "data: a\n\ndata: [DONE]\n\n", "<a><[DONE]>"},
        {"the last blank line is missing", "data: a\n\ndata: b\n", "<a><b>"},
        {"half a line at the end is dropped", "data: a\n\ndata: b", "<a>"},
        {"half a line drops its event", "data: a\n\ndata: b\ndat", "<a>"},
        {"events parted by one line end", "data: {\"a\":1}\ndata: {\"a\":2}\ndata: [DONE]\n\n",
         "<{\"a\":1}><{\"a\":2}><[DONE]>"},
        {"an event, and one with a line end too few before it",
         "data: {}\n\ndata: {}\ndata: []\n\n", "<{}><{}><[]>"},
        {"a value cut over several lines",
         "data: {\"a\":\ndata: [1,\ndata: {}\ndata:\ndata\ndata:]}\n\n",
         "<{\"a\":\n[1,\n{}\n\n\n]}>"},
        {"a value cut over several lines, and another behind it",
         "data: {\ndata: }\ndata: [\ndata: ]\ndata: x\n\n", "<{\n}><[\n]><x>"},
        {"other fields between the lines of a value", "data: [\nid: 7\n: x\ndata: ]\n\n", "<[\n]>"},
        {"a value that is never closed", "data: {\"a\":[1}\ndata: 2\n\ndata: {}\n\n",
         "<{\"a\":[1}\n2><{}>"},
        {"brackets and quotes in strings",
         "data: {\"a]}\":\"}\\\"}\"\ndata: ,\"b\":\"\\\\\"}\ndata: {}\n\n",
         "<{\"a]}\":\"}\\\"}\"\n,\"b\":\"\\\\\"}><{}>"},
        {"blanks before a value", "data:  \t{\ndata: }\ndata: {}\n\n", "< \t{\n}><{}>"},
        {"bytes behind a value stay with it", "data: {}{}\ndata: {} x\ndata: }\n\n",
         "<{}{}><{} x><}>"},
        {"values that are no objects", "data: 5\ndata: \"{\"\ndata: null\ndata: {}\n\n",
         "<5><\"{\"><null><{}>"},
        {"a ping with anything",
         "event: ping\ndata: {\"a\":1}\n\nevent:ping\ndata: x\n\nevent: ping\ndata: {\ndata: "
         "}\n\ndata: {}\n\n",
         "<{}>"},
        {"a ping names the next event alone",
         "event: ping\ndata: {\"a\":1}\ndata: {\"a\":2}\n\nevent: ping\n\ndata: {\"a\":3}\n\n",
         "<{\"a\":2}><{\"a\":3}>"},
        {"a ping named behind what it carries", "data: x\nevent: ping\n\ndata: {}\nevent: ping\n\n",
         "<{}>"},
        {"named otherwise",
         "event: ping\nevent: pong\ndata: {}\n\nevent: pings\ndata: []\n\nevent\ndata: x\n\n",
         "<{}><[]><x>"},
        {"a value that lacks its line end", "data: {\"a\":1}\ndata: [DONE]", "<{\"a\":1}><[DONE]>"},
        {"the end of a value lacks its line end", "data: {\ndata: }", "<{\n}>"},
        {"half a value at the end is dropped", "data: {}\n\ndata: {\"a\":1", "<{}>"},
        {"half a value's next line is dropped", "data: {}\n\ndata: {\ndata: \"a\":1", "<{}>"},
        {"only comments", ": x\n\n: y\n\n", ""},
        {"nothing", "", ""},
        {"an error in plain words is no event", "<html>502 Bad Gateway</html>\n\n", ""},
    };

    (void)state;
    expect_quirks(quirks, COUNT_OF(quirks), STREAM_EVENTS);
}

static void test_lines_of_objects(void **state)
{
    static const struct quirk quirks[] = {
        {"lines", "{1}\n{2}\n", "<{1}><{2}>"},
        {"CRLF", "{1}\r\n{2}\r\n", "<{1}><{2}>"},
        {"blank lines", "\n{1}\n \t\n\r\n{2}\n", "<{1}><{2}>"},
        {"the last line end is missing", "{1}\n{2}", "<{1}><{2}>"},
        {"byte-order mark", "\xef\xbb\xbf{1}\n", "<{1}>"},
        {"data lines are not special", "data: x\n", "<data: x>"},
        {"nothing", "", ""},
    };

    (void)state;
    expect_quirks(quirks, COUNT_OF(quirks), STREAM_LINES);
}

static void test_a_zero_byte_cuts_nothing(void **state)
{
    static const char bytes[] = "data: a\0b\n\n";
    struct text events = {0};
    struct stream stream = {0};

    (void)state;
    stream_start(&stream, STREAM_EVENTS, collect, &events);
    assert_true(stream_feed(&stream, bytes, sizeof bytes - 1));
    assert_int_equal(events.length, 5);
    assert_memory_equal(events.bytes, "<a\0b>", 5);
    stream_clear(&stream);
    text_clear(&events);
}

static void test_the_next_response_begins_anew(void **state)
{
    struct text events = {0};
    struct stream stream = {0};

    (void)state;
    stream_start(&stream, STREAM_EVENTS, collect, &events);
    assert_true(stream_feed(&stream, "event: ping\ndata: [\ndata:[\nda\r", 31));
    stream_start(&stream, STREAM_EVENTS, collect, &events);
    assert_true(stream_feed(&stream,
                            "\xef\xbb\xbf"
                            "data: a\n\n",
                            12));
    stream_finish(&stream);
    assert_string_equal(events.bytes, "<a>");
    stream_clear(&stream);
    text_clear(&events);
}

/* An event comes with the read that ends its line, or the last line of its value. */
static void test_an_event_does_not_wait_for_the_next_line(void **state)
{
    static const struct {
        const char *read, *events; /* all that came until then */
    } reads[] = {
        {"data: {\"a\":1}", ""},
        {"\n", "<{\"a\":1}>"},
        {"\n", "<{\"a\":1}>"},
        {"data: {\n", "<{\"a\":1}>"},
        {"data: }\n", "<{\"a\":1}><{\n}>"},
        {"data: {}\ndata: [DONE]\r", "<{\"a\":1}><{\n}><{}><[DONE]>"},
        {"\n\n\n", "<{\"a\":1}><{\n}><{}><[DONE]>"},
    };
    struct text events = {0};
    struct stream stream = {0};

    (void)state;
    text_add_string(&events, "");
    stream_start(&stream, STREAM_EVENTS, collect, &events);
    for (size_t i = 0; i < COUNT_OF(reads); i++) {
        assert_true(feed(&stream, reads[i].read, strlen(reads[i].read)));
        expect_text(reads[i].read, events.bytes, reads[i].events);
    }
    stream_clear(&stream);
    text_clear(&events);
}

static bool feed_parts(struct stream *stream, size_t parts, const char *part, size_t length)
{
    for (size_t i = 0; i < parts; i++) {
        if (!stream_feed(stream, part, length))
            return false;
    }
    return true;
}

/* One line that never ends, and many short ones that never make an event. */
static void test_an_event_that_outgrows_the_ceiling_is_refused(void **state)
{
    enum { PART = 1 << 16 };
    static char part[PART];
    struct text events = {0};
    struct stream stream = {0};

    (void)state;
    memset(part, 'x', PART);
    stream_start(&stream, STREAM_EVENTS, collect, &events);
    assert_true(feed_parts(&stream, STREAM_EVENT_MOST / PART, part, PART));
    assert_false(stream_feed(&stream, "x", 1));
    memcpy(part, "data:[", 6);
    part[PART - 1] = '\n';
    stream_start(&stream, STREAM_EVENTS, collect, &events);
    assert_false(feed_parts(&stream, STREAM_EVENT_MOST / PART + 2, part, PART));
    stream_start(&stream, STREAM_EVENTS, collect, &events);
    part[PART - 2] = '\n';
    assert_true(feed_parts(&stream, STREAM_EVENT_MOST / PART + 2, part, PART));
    stream_clear(&stream);
    text_clear(&events);
}

/* In one read as in many: the ceiling counts the line that its data stands in. */
static void test_the_ceiling_in_one_read(void **state)
{
    size_t most = STREAM_EVENT_MOST;
    char *bytes = memory_new(1, most + 3);
    struct text events = {0};
    struct stream stream = {0};

    (void)state;
    memset(bytes, 'x', most + 1);
    memcpy(bytes, "data:", 5);
    memcpy(bytes + most, "\n\n", 2);
    stream_start(&stream, STREAM_EVENTS, collect, &events);
    assert_true(stream_feed(&stream, bytes, most + 2));
    assert_int_equal(events.length, most - 5 + 2);
    memcpy(bytes + most, "x\n\n", 3);
    stream_start(&stream, STREAM_EVENTS, collect, &events);
    assert_false(stream_feed(&stream, bytes, most + 3));
    memcpy(bytes, "data:{}\ndata:x", 14); /* what is whole makes room */
    memcpy(bytes + most, "\n\n", 2);
    text_reset(&events);
    stream_start(&stream, STREAM_EVENTS, collect, &events);
    assert_true(stream_feed(&stream, bytes, most + 2));
    assert_int_equal(events.length, 4 + most - 13 + 2);
    stream_clear(&stream);
    text_clear(&events);
    free(bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_event_stream_quirks),
        cmocka_unit_test(test_lines_of_objects),
        cmocka_unit_test(test_a_zero_byte_cuts_nothing),
        cmocka_unit_test(test_the_next_response_begins_anew),
        cmocka_unit_test(test_an_event_does_not_wait_for_the_next_line),
        cmocka_unit_test(test_an_event_that_outgrows_the_ceiling_is_refused),
        cmocka_unit_test(test_the_ceiling_in_one_read),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
