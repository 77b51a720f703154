/* What reports tell of single requests and of batches, read back from a run's files. */
#include "report/detail.h"

#include "records.h"
#include "stats/figures.h"
#include "store/response.h"
#include "support.h"

enum { REQUESTS = 5 };

/* A run of two steps, "a" and "b". The machine is started anew before the second: its monotonic
 * clock begins again, and people's time tells that it began 99 s after the first. */
struct fixture {
    struct error_count errors[1];
    struct step step[2];
    struct results run;
    struct report report;
};

/* Requests sent 100 ms apart; the third times out, and of the last nobody tells the batch size. */
static void write_part(const char *name, const char *part, enum request_phase phase,
                       int64_t first_sent_ns)
{
    static const double sizes[REQUESTS] = {4, 2, NAN, 2, NAN};
    char *path = memory_printf("%s_%s.json", name, part);
    struct text json = {0};

    for (int i = 0; i < REQUESTS; i++) {
        struct request request = request_begun();
        struct chunk chunk = {first_sent_ns + (i * 100 + 50) * MS, false, true, 0, 0, 0};
        struct figures figures;

        request.index = (size_t)i;
        request.phase = phase;
        request.sent_ns = first_sent_ns + i * 100 * MS;
        request.first_content_ns = request.last_chunk_ns = chunk.arrival_ns;
        request.done_ns = chunk.arrival_ns + (i + 1) * 100 * MS;
        request.chunks = &chunk;
        request.chunk_count = 1;
        request.usage.batch_size_used = sizes[i];
        if (i == 2) {
            request.end = REQUEST_TIMEOUT;
            snprintf(request.message, sizeof request.message, "too late");
        }
        figures = figures_of(&request, LATENCY_FROM_SENT);
        text_add_char(&json, i ? ',' : '[');
        response_add_json(&request, &figures, &json);
    }
    text_add_char(&json, ']');
    support_write(path, json.bytes);
    text_clear(&json);
    free(path);
}

static void write_step(const char *name, int64_t first_sent_ns)
{
    write_part(name, "individual_responses", REQUEST_COUNTED, first_sent_ns);
}

static struct step step_of(const char *name, struct error_count *errors, int64_t timestamp_s)
{
    return (struct step){.name = (char *)name,
                         .row = {.model_name = (char *)"m", .concurrent_requests = 1},
                         .timestamp_s = timestamp_s,
                         .wall_s = 1,
                         .started = REQUESTS,
                         .completed = REQUESTS - 1,
                         .errors = 1,
                         .error = errors,
                         .error_kinds = 1};
}

static void make(struct fixture *fixture, size_t resumptions)
{
    *fixture = (struct fixture){.errors = {{.code = "timeout", .count = 1}}};
    write_step("a", 5000 * MS);
    write_step("b", 7 * MS);
    fixture->step[0] = step_of("a", fixture->errors, 1001);
    fixture->step[1] = step_of("b", fixture->errors, 1100);
    fixture->run = (struct results){
        .folder = (char *)".", .name = (char *)"r", .step = fixture->step, .count = 2};
    fixture->run.manifest.resumptions = resumptions;
    fixture->report = (struct report){.run = &fixture->run, .runs = 1};
}

static void read_all(struct fixture *fixture, struct detail *detail)
{
    struct error error = {""};

    assert_true(detail_read(&fixture->report, "all.csv", detail, &error));
    assert_false(detail->unread);
    assert_int_equal(detail->steps, 2);
    assert_int_equal(detail->requests, 2 * REQUESTS);
    assert_int_equal(detail->in_sheet, 2 * REQUESTS);
    assert_int_equal(detail->in_page, 2 * REQUESTS);
    assert_false(file_exists("all.csv")); /* the workbook holds them */
}

static void test_moments_count_from_the_runs_first_request(void **state)
{
    struct fixture fixture;
    struct detail detail;

    (void)state;
    make(&fixture, 1);
    read_all(&fixture, &detail);
    for (size_t i = 0; i < 2; i++) {
        const struct step_detail *step = &detail.step[i];

        expect_number("step", step->began_s, i == 0 ? 0 : 99);
        assert_int_equal(step->lines, REQUESTS);
        for (int k = 0; k < REQUESTS; k++)
            expect_true("request", fabs(step->line[k].began_s - step->began_s - 0.1 * k) < 1e-9);
    }
    detail_clear(&detail);
}

/* Where nobody went on with the run, no clock began again: what is earlier was earlier. */
static void test_a_run_in_one_piece_has_one_clock(void **state)
{
    struct fixture fixture;
    struct detail detail;

    (void)state;
    make(&fixture, 0);
    read_all(&fixture, &detail);
    expect_true("earlier", fabs(detail.step[1].began_s + 4.993) < 1e-9);
    detail_clear(&detail);
}

static void test_what_only_the_page_shows_is_let_go_of(void **state)
{
    struct fixture fixture;
    struct detail detail;
    struct step_detail *step;

    (void)state;
    make(&fixture, 1);
    read_all(&fixture, &detail);
    step = &detail.step[0];
    assert_int_equal(step->lines, REQUESTS);
    for (size_t i = 0; i < step->lines; i++)
        step->line[i].in_sheet = i == 3;
    detail_forget_page(&detail);
    assert_int_equal(step->lines, 2);
    assert_int_equal(step->line[0].index, 0); /* by which the timeline goes */
    assert_int_equal(step->line[1].index, 3);
    detail_clear(&detail);
}

static void test_a_failed_request_has_its_code_and_its_sentence(void **state)
{
    struct fixture fixture;
    struct detail detail;
    const struct request_line *line;

    (void)state;
    make(&fixture, 1);
    read_all(&fixture, &detail);
    line = detail.step[0].line;
    assert_null(line[0].code);
    assert_null(line[0].message);
    expect_text("code", line[2].code, "timeout");
    expect_text("sentence", line[2].message, "too late");
    expect_text("the first of its kind", detail.step[0].example[0], "too late");
    detail_clear(&detail);
}

/* Of those that completed; sizes ascend, and the unknown comes last. */
static void test_batches_are_reported_by_their_size(void **state)
{
    struct fixture fixture;
    struct detail detail;
    const struct batch_figures *batch;

    (void)state;
    make(&fixture, 1);
    read_all(&fixture, &detail);
    assert_int_equal(detail.step[0].batches, 3);
    batch = detail.step[0].batch;
    expect_number("the smaller", batch[0].size, 2);
    assert_int_equal(batch[0].requests, 2);
    expect_number("the larger", batch[1].size, 4);
    assert_int_equal(batch[1].requests, 1);
    expect_number("the unknown", batch[2].size, NAN);
    assert_int_equal(batch[2].requests, 1);
    expect_number("median", batch[0].figure[SWITCH_CLIENT][BATCH_END_TO_END].p50, 0.35);
    expect_number("p95", batch[0].figure[SWITCH_CLIENT][BATCH_END_TO_END].p95, 0.44);
    expect_number("one alone", batch[1].figure[SWITCH_CLIENT][BATCH_TTFT].p5, 0.05);
    expect_number("no server's", batch[1].figure[SWITCH_SERVER][BATCH_TTFT].p50, NAN);
    detail_clear(&detail);
}

/* A server rounds sizes up, or tells those of other clients' batches too: what a row had in flight
 * bounds how many ran together. Of an open loop that is not known. */
static void test_throughput_goes_by_what_ran_together(void **state)
{
    static const struct {
        const char *name;
        int64_t in_flight;
        double together[3]; /* of sizes 2, 4 and the unknown */
    } cases[] = {{"one in flight", 1, {1, 1, NAN}},
                 {"three in flight", 3, {2, 3, NAN}},
                 {"open loop", 0, {2, 4, NAN}}};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct fixture fixture;
        struct detail detail;

        make(&fixture, 1);
        fixture.step[0].row.concurrent_requests = cases[i].in_flight;
        read_all(&fixture, &detail);
        for (size_t k = 0; k < 3; k++) {
            const struct batch_figures *batch = &detail.step[0].batch[k];

            expect_number(cases[i].name, batch->together, cases[i].together[k]);
            expect_number(cases[i].name, batch->throughput[SWITCH_CLIENT],
                          batch->together * batch->figure[SWITCH_CLIENT][BATCH_OUTPUT_SPEED].p50);
        }
        detail_clear(&detail);
    }
}

/* Sent before the first response was complete, where the switch is judged by the row's own. */
static void test_exposed_requests_are_marked(void **state)
{
    static const struct {
        const char *name;
        size_t exposed; /* that were measured */
        enum switch_method method;
        bool marked[REQUESTS];
    } cases[] = {
        {"by the row's own", 2, SWITCH_FROM_LOAD, {true, true}},
        {"by a probe", 2, SWITCH_FROM_PROBE, {false}},
        {"not measured", 0, SWITCH_FROM_LOAD, {false}},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct fixture fixture;
        struct detail detail;

        make(&fixture, 1);
        fixture.step[0].measurement.exposed = cases[i].exposed;
        fixture.step[0].measurement.method = cases[i].method;
        read_all(&fixture, &detail);
        for (size_t k = 0; k < REQUESTS; k++)
            expect_true(cases[i].name, detail.step[0].line[k].exposed == cases[i].marked[k]);
        detail_clear(&detail);
    }
}

/* A probe is read besides, and counts nowhere. */
static void test_a_probe_is_drawn_and_counted_nowhere(void **state)
{
    struct fixture fixture;
    struct detail detail;

    (void)state;
    make(&fixture, 1);
    assert_int_equal(rename("b_individual_responses.json", "a_probe.json"), 0);
    write_step("b", 7 * MS);
    fixture.step[0].probe_started = REQUESTS;
    fixture.step[0].measurement.exposed = 1;
    fixture.step[0].measurement.method = SWITCH_FROM_PROBE;
    read_all(&fixture, &detail);
    assert_int_equal(detail.step[0].probes, REQUESTS);
    assert_int_equal(detail.step[1].probes, 0);
    assert_int_equal(detail.step[0].lines, REQUESTS);
    expect_true("exposed", detail.step[0].probe[0].exposed && !detail.step[0].probe[3].exposed);
    expect_true("before the load", fabs(detail.step[0].probe[0].began_s + 4.993) < 1e-9);
    detail_clear(&detail);
}

/* They are in no figure; those of the load that leave before one of them is complete are exposed.
 */
static void test_a_warm_up_is_counted_nowhere(void **state)
{
    static const struct {
        const char *name;
        enum request_phase phase;
        int64_t before_ns; /* that it began */
        bool exposed[REQUESTS];
    } cases[] = {
        {"all of it before", REQUEST_WARMUP, 2000 * MS, {false}},
        {"complete with the load's second", REQUEST_WARMUP, 1 * MS, {true, true}},
        {"a cool-down tells nothing", REQUEST_COOLDOWN, 2000 * MS, {true, true}},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct fixture fixture;
        struct detail detail;

        make(&fixture, 1);
        write_step("a", 5000 * MS);
        write_part("a", "phases", cases[i].phase, 5000 * MS - cases[i].before_ns);
        fixture.step[0].phase_started = REQUESTS;
        fixture.step[0].measurement.exposed = 2;
        fixture.step[0].measurement.method = SWITCH_FROM_LOAD;
        read_all(&fixture, &detail);
        assert_int_equal(detail.step[0].lines, REQUESTS);
        assert_int_equal(detail.step[0].requests, REQUESTS);
        for (size_t k = 0; k < REQUESTS; k++)
            expect_true(cases[i].name, detail.step[0].line[k].exposed == cases[i].exposed[k]);
        detail_clear(&detail);
    }
}

/* Requests as short as they may be; every `failing`-th of them failed. */
static void write_short(size_t count, size_t failing)
{
    struct text json = {0};

    for (size_t i = 0; i < count; i++) {
        bool failed = i % failing == failing - 1;

        text_printf(&json, "%s{\"error_code\":%s,\"error_msg\":\"\",\"request_index\":%zu}",
                    i ? "," : "[", failed ? "\"timeout\"" : "null", i);
    }
    text_add_char(&json, ']');
    support_write("a_individual_responses.json", json.bytes);
    text_clear(&json);
}

/* Of 250,000 each third is drawn, the first 16 too, and of those that failed up to a tenth of all
 * that a page draws; the sheet lists what it can hold. */
static void test_a_page_draws_an_even_share_and_what_failed(void **state)
{
    static const struct {
        const char *name;
        size_t requests, failing, in_page;
    } cases[] = {
        {"some failed", 1000, 10, 16 + 328 + 66},
        {"none failed", 1000, 1001, 16 + 328},
        {"all failed", 16000, 1, 16 + 5328 + 10000},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct fixture fixture;
        struct detail detail;
        struct error error = {""};

        make(&fixture, 0);
        fixture.step[0].started = 250000;
        fixture.run.count = 1;
        write_short(cases[i].requests, cases[i].failing);
        expect_true(cases[i].name, detail_read(&fixture.report, "all.csv", &detail, &error));
        expect_true(cases[i].name, detail.requests == cases[i].requests);
        expect_true(cases[i].name, detail.in_sheet == cases[i].requests);
        expect_true(cases[i].name, detail.in_page == cases[i].in_page);
        expect_true(cases[i].name, file_exists("all.csv"));
        detail_clear(&detail);
    }
}

static void test_a_step_that_cannot_be_read_says_why(void **state)
{
    struct fixture fixture;
    struct detail detail;
    struct error error = {""};

    (void)state;
    make(&fixture, 1);
    support_write("a_individual_responses.json", "{}");
    assert_true(detail_read(&fixture.report, "all.csv", &detail, &error));
    assert_true(detail.unread);
    expect_part("why", detail.why, "a_individual_responses.json");
    assert_int_equal(detail.step[0].requests, 0);
    assert_int_equal(detail.step[1].requests, REQUESTS);
    detail_clear(&detail);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        in_folder(test_moments_count_from_the_runs_first_request),
        in_folder(test_a_run_in_one_piece_has_one_clock),
        in_folder(test_what_only_the_page_shows_is_let_go_of),
        in_folder(test_a_failed_request_has_its_code_and_its_sentence),
        in_folder(test_batches_are_reported_by_their_size),
        in_folder(test_throughput_goes_by_what_ran_together),
        in_folder(test_exposed_requests_are_marked),
        in_folder(test_a_probe_is_drawn_and_counted_nowhere),
        in_folder(test_a_warm_up_is_counted_nowhere),
        in_folder(test_a_page_draws_an_even_share_and_what_failed),
        in_folder(test_a_step_that_cannot_be_read_says_why),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
