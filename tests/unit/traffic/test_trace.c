/* Traces in each format, and what is wrong with others. */
#include "traffic/trace.h"

#include "support.h"

static const char path[] = "trace";

#define AZURE "TIMESTAMP,ContextTokens,GeneratedTokens\n"
#define BURST "Timestamp,Model,Request tokens,Response tokens,Total tokens,Log Type\n"
#define OURS(at, in)                                                                               \
    "{\"at_s\": " at ", \"model\": \"m\", \"input_tokens\": " in ", \"output_tokens\": 5}\n"

struct expected {
    double at_s;
    int64_t input, output;
    const char *model;
    size_t line;
};

static void expect_request(const char *name, const struct trace *trace,
                           const struct trace_request *request, const struct expected *wanted)
{
    expect_true(name, fabs(request->at_s - wanted->at_s) < 1e-9);
    expect_true(name, request->input_tokens == wanted->input);
    expect_true(name, request->output_tokens == wanted->output);
    expect_true(name, request->line == wanted->line);
    expect_true(name, (request->model == TRACE_NO_MODEL) == !wanted->model);
    if (wanted->model)
        expect_text(name, trace_model(trace, request->model), wanted->model);
}

static void expect_trace(const char *name, const char *content, const struct trace_window *window,
                         const char *format, const struct expected *wanted, size_t count)
{
    struct trace *trace;
    struct trace_request request;
    struct error error;

    support_write(path, content);
    trace = trace_open(path, window, &error);
    if (!trace)
        fail_msg("%s: %s", name, error.text);
    expect_text(name, trace_format(trace), format);
    for (size_t i = 0; i < count; i++) {
        expect_true(name, trace_next(trace, &request, &error) == TRACE_REQUEST);
        expect_request(name, trace, &request, &wanted[i]);
    }
    expect_true(name, trace_next(trace, &request, &error) == TRACE_END);
    expect_true(name, trace_next(trace, &request, &error) == TRACE_END);
    trace_close(trace);
}

static void test_formats_are_told_by_content(void **state)
{
    static const struct {
        const char *name, *content, *format;
        struct expected wanted[3];
        size_t count;
    } cases[] = {
        {"Mooncake",
         "{\"timestamp\": 27482, \"input_length\": 6955, \"output_length\": 52, \"hash_ids\": "
         "[1]}\n"
         "\n{\"timestamp\": 27500.5, \"input_length\": 1, \"output_length\": 2}",
         "Mooncake",
         {{0, 6955, 52, NULL, 1}, {0.0185, 1, 2, NULL, 3}},
         2},
        {"Mooncake by Python's json, of which one field has no number",
         "{\"timestamp\": 0, \"input_length\": 5, \"output_length\": 6, \"score\": NaN}\n",
         "Mooncake",
         {{0, 5, 6, NULL, 1}},
         1},
        {"Azure",
         "\xef\xbb\xbf" AZURE "2023-11-16 18:15:46.6805900,374,44\r\n"
         "2023-11-16 18:15:50.9951690,396,109\r\n2023-11-17 00:00:00,1,1\r\n",
         "Azure",
         {{0, 374, 44, NULL, 2}, {4.314579, 396, 109, NULL, 3}, {20653.31941, 1, 1, NULL, 4}},
         3},
        {"Azure with an offset",
         AZURE "2024-05-10 00:00:00.5+00:00,3,4\n2024-05-10T02:00:01.5+02:00,5,6\n",
         "Azure",
         {{0, 3, 4, NULL, 2}, {1, 5, 6, NULL, 3}},
         2},
        {"BurstGPT",
         BURST "5,ChatGPT,472,18,490,Conversation log\n7,\"GPT-4\",10,0,10,API log\n"
               "45.0,GPT-4,1087,230,1317,API log\n",
         "BurstGPT",
         {{0, 472, 18, "ChatGPT", 2}, {40, 1087, 230, "GPT-4", 4}},
         2},
        {"columns in any order",
         "model,response TOKENS,request tokens,timestamp\na,1,2,3\n",
         "BurstGPT",
         {{0, 2, 1, "a", 2}},
         1},
        {"ours",
         OURS("2", "7") OURS("2", "8") OURS("2.5", "9"),
         "coebench",
         {{0, 7, 5, "m", 1}, {0, 8, 5, "m", 2}, {0.5, 9, 5, "m", 3}},
         3},
    };
    static const struct trace_window all;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        expect_trace(cases[i].name, cases[i].content, &all, cases[i].format, cases[i].wanted,
                     cases[i].count);
}

/* Four in second 5, two in second 6 of which one failed, one in second 7; and three in a second
 * whose next stamp comes within it. */
static void test_whole_seconds_are_spread(void **state)
{
    static const struct trace_window all;
    static const struct expected burst[] = {{0, 1, 1, "m", 2},   {0.25, 2, 1, "m", 3},
                                            {0.5, 3, 1, "m", 4}, {0.75, 4, 1, "m", 6},
                                            {1, 6, 1, "m", 7},   {2, 7, 1, "m", 9}};
    static const struct expected moon[] = {
        {0, 1, 1, NULL, 1}, {0.2, 2, 1, NULL, 2}, {0.4, 3, 1, NULL, 3}, {0.6, 4, 1, NULL, 4}};

    (void)state;
    expect_trace("seconds",
                 BURST "5,m,1,1,1,x\n5,m,2,1,1,x\n5,m,3,1,1,x\n5,m,9,0,9,x\n5,m,4,1,1,x\n"
                       "6,m,6,1,1,x\n6,m,9,0,9,x\n7,m,7,1,1,x\n",
                 &all, "BurstGPT", burst, COUNT_OF(burst));
    expect_trace("up to the next stamp",
                 "{\"timestamp\": 1000, \"input_length\": 1, \"output_length\": 1}\n"
                 "{\"timestamp\": 1000, \"input_length\": 2, \"output_length\": 1}\n"
                 "{\"timestamp\": 1000, \"input_length\": 3, \"output_length\": 1}\n"
                 "{\"timestamp\": 1600, \"input_length\": 4, \"output_length\": 1}\n",
                 &all, "Mooncake", moon, COUNT_OF(moon));
}

static void test_a_window_is_cut_out_and_sped_up(void **state)
{
    static const char content[] = OURS("10", "1") OURS("11", "2") OURS("12.5", "3") OURS("14", "4");
    static const struct {
        const char *name;
        struct trace_window window;
        struct expected wanted[4];
        size_t count;
    } cases[] = {
        {"all",
         {.speed = 0},
         {{0, 1, 5, "m", 1}, {1, 2, 5, "m", 2}, {2.5, 3, 5, "m", 3}, {4, 4, 5, "m", 4}},
         4},
        {"twice",
         {.speed = 2},
         {{0, 1, 5, "m", 1}, {0.5, 2, 5, "m", 2}, {1.25, 3, 5, "m", 3}, {2, 4, 5, "m", 4}},
         4},
        {"from", {.from_s = 1}, {{0, 2, 5, "m", 2}, {1.5, 3, 5, "m", 3}, {3, 4, 5, "m", 4}}, 3},
        {"for", {.for_s = 2.5}, {{0, 1, 5, "m", 1}, {1, 2, 5, "m", 2}}, 2},
        {"all three",
         {.speed = 0.5, .from_s = 0.5, .for_s = 2.5},
         {{1, 2, 5, "m", 2}, {4, 3, 5, "m", 3}},
         2},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        expect_trace(cases[i].name, content, &cases[i].window, "coebench", cases[i].wanted,
                     cases[i].count);
}

static void test_sessions_turns_and_blocks_are_told(void **state)
{
    static const struct trace_window all;
    struct trace_request request;
    struct trace *trace;
    struct error error;
    uint64_t text;

    (void)state;
    support_write(
        path, "{\"at_s\":0,\"model\":\"m\",\"input_tokens\":1,\"output_tokens\":1,\"session\":7,"
              "\"turn\":2}\n{\"at_s\":0,\"model\":\"m\",\"input_tokens\":1,\"output_tokens\":1,"
              "\"session\":\"seven\"}\n{\"at_s\":0,\"model\":\"m\",\"input_tokens\":1,"
              "\"output_tokens\":1,\"session\":null}\n{\"at_s\":0,\"model\":\"m\","
              "\"input_tokens\":1,\"output_tokens\":1,\"session\":\"seven\"}\n");
    trace = trace_open(path, &all, &error);
    assert_int_equal(trace_next(trace, &request, &error), TRACE_REQUEST);
    assert_true(request.has_session && request.session == 7 && request.turn == 2);
    assert_int_equal(trace_next(trace, &request, &error), TRACE_REQUEST);
    text = request.session;
    assert_true(request.has_session && text > INT64_MAX && request.turn == 0);
    assert_int_equal(trace_next(trace, &request, &error), TRACE_REQUEST);
    assert_false(request.has_session);
    assert_int_equal(trace_next(trace, &request, &error), TRACE_REQUEST);
    assert_true(request.session == text);
    trace_close(trace);

    support_write(path, "{\"timestamp\":0,\"input_length\":1,\"output_length\":1,\"hash_ids\":[3,4,"
                        "9007199254740991]}\n{\"timestamp\":1,\"input_length\":1,"
                        "\"output_length\":1,\"hash_ids\":[]}\n");
    trace = trace_open(path, &all, &error);
    assert_int_equal(trace_next(trace, &request, &error), TRACE_REQUEST);
    assert_int_equal(request.blocks, 3);
    assert_true(request.block[0] == 3 && request.block[2] == 9007199254740991);
    assert_int_equal(trace_next(trace, &request, &error), TRACE_REQUEST);
    assert_int_equal(request.blocks, 0);
    trace_close(trace);
}

/* Reads to the fault. */
static void expect_fault(const char *name, const char *content, size_t length, const char *part)
{
    static const struct trace_window all;
    struct trace_request request;
    struct error error = {""};
    struct trace *trace;
    enum trace_read read = TRACE_FAULT;
    FILE *out = fopen(path, "w");

    assert_non_null(out);
    assert_int_equal(fwrite(content, 1, length, out), length);
    fclose(out);
    trace = trace_open(path, &all, &error);
    while (trace && (read = trace_next(trace, &request, &error)) == TRACE_REQUEST)
        ;
    expect_true(name, read == TRACE_FAULT);
    expect_part(name, error.text, part);
    trace_close(trace);
}

static void test_faults_name_line_and_remedy(void **state)
{
    static const struct {
        const char *name, *content, *part;
    } cases[] = {
        {"empty", "", "is empty"},
        {"blank", "\n \n\r\n", "is empty"},
        {"no format", "a,b,c\n1,2,3\n", "trace:1: no trace that is known begins so; "},
        {"other JSON", "{\"time\": 5}\n", "trace:1: no trace that is known begins so"},
        {"no JSON", "{\"timestamp\": 5,\n", "trace:1: is no JSON object"},
        {"no object", OURS("1", "2") "[1]\n", "trace:2: is no JSON object"},
        {"two objects", OURS("1", "2") "{} {}\n", "trace:2: is no JSON object"},
        {"compressed", "\x1f\x8b\x08 trace", "trace:1: the file is compressed; unpack it first"},
        {"unsorted", OURS("1", "2") OURS("0.75", "2"),
         "trace:2: its moment is 0.25 s before that of line 1; sort the file by time"},
        {"negative moment", OURS("-1", "2"),
         "trace:1: at_s: is not a number of seconds, 0 or more"},
        {"endless moment", OURS("1e99", "2"), "trace:1: at_s: is not a number of seconds"},
        {"negative tokens", OURS("1", "-2"), "trace:1: input_tokens: is not a whole number of tok"},
        {"half a token", OURS("1", "2.5"),
         "trace:1: input_tokens: is not a whole number of tokens"},
        {"too many", OURS("1", "16777217"), "from 0 to 16777216"},
        {"text", OURS("1", "\"2\""), "trace:1: input_tokens: is not a whole number"},
        {"missing key", OURS("1", "2") "{\"at_s\": 2}\n",
         "trace:2: model: is missing; it needs a value on each line"},
        {"null", OURS("null", "2"), "trace:1: at_s: is not a number of seconds"},
        {"nameless model", "{\"at_s\":1,\"model\":\"\",\"input_tokens\":1,\"output_tokens\":1}",
         "trace:1: model: is not a model's name"},
        {"turn 0", "{\"at_s\":1,\"model\":\"m\",\"input_tokens\":1,\"output_tokens\":1,\"turn\":0}",
         "trace:1: turn: is not a whole number from 1 on"},
        {"blocks", "{\"timestamp\":0,\"input_length\":1,\"output_length\":1,\"hash_ids\":[-1]}",
         "trace:1: hash_ids: is not a list of block numbers"},
        {"no list", "{\"timestamp\":0,\"input_length\":1,\"output_length\":1,\"hash_ids\":1}",
         "trace:1: hash_ids: is not a list of block numbers"},
        {"empty cell", BURST "1,m,,1,1,x\n", "trace:2: Request tokens: is empty; it needs a whole"},
        {"no number", BURST "1,m,few,1,1,x\n",
         "trace:2: Request tokens: 'few' is not a whole number of tokens"},
        {"too few cells", BURST "1,m\n", "trace:2: Request tokens: is empty"},
        {"too many cells", BURST "1,m,1,1,1,x,y\n", "trace:2: has 7 cells where the header has 6"},
        {"open quote", BURST "1,\"m,1,1,1,x\n", "trace:2: a quote stands inside a cell"},
        {"no date", AZURE "2023-02-29 00:00:00,1,1\n",
         "trace:2: TIMESTAMP: '2023-02-29 00:00:00' is not a date and time, such as"},
        {"no time", AZURE "2023-02-28 24:00:00,1,1\n", "is not a date and time"},
        {"no offset", AZURE "2023-02-28 20:00:00+2,1,1\n", "is not a date and time"},
        {"bad UTF-8", BURST "1,m\xff,1,1,1,x\n", "trace:2: is not UTF-8; save the file"},
    };
    static const char zero[] = BURST "1,m\0,1,1,1,x\n";
    struct text longest = {0};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        expect_fault(cases[i].name, cases[i].content, strlen(cases[i].content), cases[i].part);
    expect_fault("zero byte", zero, sizeof zero - 1, "trace:2: holds a zero byte");
    text_add_string(&longest, OURS("1", "2") "{\"at_s\": ");
    while (longest.length < (1 << 20) + 200)
        text_add_string(&longest, "         ");
    expect_fault("too long", longest.bytes, longest.length, "trace:2: has more than 1 MiB");
    text_clear(&longest);
}

static void test_files_that_cannot_be_read_are_told(void **state)
{
    static const struct trace_window all;
    struct error error = {""};

    (void)state;
    assert_null(trace_open("none", &all, &error));
    assert_non_null(strstr(error.text, "none"));
    assert_null(trace_open("/dev/null", &all, &error));
    assert_null(trace_open(".", &all, &error));
}

static void test_one_second_holds_no_more_than_it_may(void **state)
{
    struct text content = {0};

    (void)state;
    text_add_string(&content, BURST);
    for (int i = 0; i <= 200001; i++)
        text_add_string(&content, "5,m,1,1,1,x\n");
    expect_fault("many", content.bytes, content.length, "more than 200000 requests");
    text_reset(&content);
    text_add_string(&content, BURST);
    for (int i = 0; i <= 1000; i++)
        text_printf(&content, "5,m%d,1,1,1,x\n", i);
    expect_fault("models", content.bytes, content.length,
                 "trace:1002: names more than 1000 models");
    text_clear(&content);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        in_folder(test_formats_are_told_by_content),
        in_folder(test_whole_seconds_are_spread),
        in_folder(test_a_window_is_cut_out_and_sped_up),
        in_folder(test_sessions_turns_and_blocks_are_told),
        in_folder(test_faults_name_line_and_remedy),
        in_folder(test_files_that_cannot_be_read_are_told),
        in_folder(test_one_second_holds_no_more_than_it_may),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
