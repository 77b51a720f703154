/* Anything at all, as a trace. What is taken comes in order and in range, and a census counts what
 * was read. */
#include "input.h"
#include "traffic/census.h"
#include "traffic/trace_models.h"

static const char path[] = "trace";

static void check_request(const struct trace *trace, const struct trace_request *request,
                          double before_s)
{
    require(request->at_s >= 0 && request->at_s >= before_s);
    require(request->input_tokens >= 1 && request->input_tokens <= 16777216);
    require(request->output_tokens >= 1 && request->output_tokens <= 16777216);
    require(request->line >= 1 && request->turn >= 0);
    require(request->model == TRACE_NO_MODEL || request->model < trace_models(trace));
    for (size_t i = 0; i < request->blocks; i++)
        require(request->block[i] <= INT64_MAX);
}

/* How many requests there are; SIZE_MAX where a fault ends it. */
static size_t read_all(const struct trace_window *window)
{
    struct error error = {""};
    struct trace *trace = trace_open(path, window, &error);
    enum trace_read read = TRACE_FAULT;
    struct trace_request request;
    double before_s = 0;
    size_t count = 0;

    for (; trace && (read = trace_next(trace, &request, &error)) == TRACE_REQUEST; count++) {
        check_request(trace, &request, before_s);
        before_s = request.at_s;
    }
    for (size_t i = 0; trace && i < trace_models(trace); i++)
        require(*trace_model(trace, i) && input_is_utf8(trace_model(trace, i)));
    require_sentence(read != TRACE_FAULT, &error);
    require(read != TRACE_FAULT || strncmp(error.text, path, strlen(path)) == 0);
    trace_close(trace);
    return read == TRACE_FAULT ? SIZE_MAX : count;
}

static void check_census(const struct trace_window *window, size_t count)
{
    static const struct trace_mapping any = {"*", "m"};
    struct trace_members members;
    struct faults faults = {0};
    struct error error = {""};
    struct census census;
    bool taken = census_take(&census, path, window, &error);
    size_t in_parts = 0;

    require_sentence(taken, &error);
    require(taken == (count != SIZE_MAX && count > 0));
    if (taken) {
        for (size_t i = 0; i < census.time.parts; i++)
            in_parts += census.time.requests[i];
        require(census.requests == count && in_parts == count);
        require(census.blocks_seen + census.block.count == census.blocks);
        require(trace_members_find(&members, &any, 1, &census, path, &faults));
        require(members.count == 1 && members.requests[0] == count);
        trace_members_clear(&members);
    }
    faults_clear(&faults);
    census_clear(&census);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    static const struct trace_window windows[] = {{0}, {.speed = 3, .from_s = 1, .for_s = 5}};

    input_enter();
    input_put(path, bytes, length);
    for (size_t i = 0; i < 2; i++)
        check_census(&windows[i], read_all(&windows[i]));
    return 0;
}
