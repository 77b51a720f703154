#include <math.h>

#include "telemetry/exposition.h"
#include "telemetry/snapshot.h"

/* --- The table -------------------------------------------------------------------------------- */

/* Bounds as the conventions advise them; those of our own are those of the TTFT. */
static const double duration_bounds[] = {0.01, 0.02, 0.04,  0.08,  0.16,  0.32,  0.64, 1.28,
                                         2.56, 5.12, 10.24, 20.48, 40.96, 81.92, 0};
static const double token_bounds[] = {
    1, 4, 16, 64, 256, 1024, 4096, 16384, 65536, 262144, 1048576, 4194304, 16777216, 67108864, 0};
static const double ttft_bounds[] = {0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.25,
                                     0.5,   0.75,  1,    2.5,  5,    7.5,  10,   0};
static const double per_token_bounds[] = {0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2,
                                          0.3,  0.4,   0.5,  0.75,  1,   2.5,  0};

const struct meter_about meter_table[METERS] = {
    [METER_DURATION] = {"gen_ai_client_operation_duration_seconds",
                        "From a request's send, in open loop its moment, to its end.", NULL, NULL,
                        duration_bounds},
    [METER_INPUT] = {"gen_ai_client_token_usage",
                     "Tokens of completed requests, as the server counted them.",
                     "gen_ai_token_type", "input", token_bounds},
    [METER_OUTPUT] = {"gen_ai_client_token_usage", NULL, "gen_ai_token_type", "output",
                      token_bounds},
    [METER_TTFT] = {"gen_ai_server_time_to_first_token_seconds",
                    "Time to the first token of completed requests, as this client saw it.", NULL,
                    NULL, ttft_bounds},
    [METER_PER_TOKEN] = {"gen_ai_server_time_per_output_token_seconds",
                         "Time per output token behind the first, as this client saw it.", NULL,
                         NULL, per_token_bounds},
    [METER_DELAY] = {"coebench_schedule_delay_seconds",
                     "How late this client sent, behind the moment it meant to.", NULL, NULL,
                     ttft_bounds},
};

/* --- Writing ---------------------------------------------------------------------------------- */

static void begin_family(struct text *text, const char *name, const char *type, const char *help)
{
    text_printf(text, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

static void add_label(struct text *text, const char *before, const char *name, const char *value)
{
    text_printf(text, "%s%s=", before, name);
    exposition_add_value(text, value);
}

static void add_value(struct text *text, double value)
{
    text_add_char(text, ' ');
    text_add_number(text, value);
    text_add_char(text, '\n');
}

/* The sample's name and labels; the last brace is left open. */
static void begin_sample(struct text *text, const struct snapshot *snapshot, enum meter meter,
                         const char *ending, const struct series *series)
{
    text_printf(text, "%s%s", meter_table[meter].name, ending);
    add_label(text, "{", "gen_ai_operation_name", snapshot->operation);
    add_label(text, ",", "gen_ai_provider_name", snapshot->provider);
    add_label(text, ",", "gen_ai_request_model", series->model);
    add_label(text, ",", "coebench_part", series->part);
    if (series->error[0])
        add_label(text, ",", "error_type", series->error);
    if (meter_table[meter].label)
        add_label(text, ",", meter_table[meter].label, meter_table[meter].value);
}

static void write_buckets(struct text *text, const struct snapshot *snapshot, enum meter meter,
                          const struct series *series)
{
    const struct metered_histogram *histogram = &series->histogram[meter];
    const double *bounds = meter_table[meter].bounds;
    uint64_t below = 0;

    for (size_t i = 0; bounds[i] > 0; i++) {
        below += histogram->bucket[i];
        begin_sample(text, snapshot, meter, "_bucket", series);
        text_add_string(text, ",le=\"");
        text_add_number(text, bounds[i]);
        text_add_string(text, "\"}");
        add_value(text, (double)below);
    }
    begin_sample(text, snapshot, meter, "_bucket", series);
    text_add_string(text, ",le=\"+Inf\"}");
    add_value(text, (double)histogram->count);
}

static void write_histogram(struct text *text, const struct snapshot *snapshot, enum meter meter,
                            const struct series *series)
{
    const struct metered_histogram *histogram = &series->histogram[meter];

    if (histogram->count == 0)
        return;
    write_buckets(text, snapshot, meter, series);
    begin_sample(text, snapshot, meter, "_sum", series);
    text_add_char(text, '}');
    add_value(text, histogram->sum);
    begin_sample(text, snapshot, meter, "_count", series);
    text_add_char(text, '}');
    add_value(text, (double)histogram->count);
}

static void write_run(struct text *text, const struct snapshot *snapshot)
{
    begin_family(text, "coebench_run_info", "gauge", "The run under way.");
    text_add_string(text, "coebench_run_info");
    add_label(text, "{", "run", snapshot->run ? snapshot->run : "");
    add_label(text, ",", "endpoint", snapshot->endpoint);
    add_label(text, ",", "version", COEBENCH_VERSION);
    text_add_string(text, "} 1\n");
    if (snapshot->steps_planned > 0) {
        begin_family(text, "coebench_run_steps", "gauge", "Steps that the run has.");
        text_printf(text, "coebench_run_steps %zu\n", snapshot->steps_planned);
    }
    begin_family(text, "coebench_steps_ended_total", "counter",
                 "Steps that have ended since the program began.");
    text_printf(text, "coebench_steps_ended_total %zu\n", snapshot->steps_ended);
}

static void write_step(struct text *text, const char *name, const struct step_state *step,
                       double value)
{
    text_printf(text, "%s{step=\"%zu\"", name, step->index + 1);
    add_label(text, ",", "gen_ai_request_model", step->model);
    text_printf(text, ",input_tokens=\"%lld\",output_tokens=\"%lld\"}",
                (long long)step->row->input_tokens, (long long)step->row->output_tokens);
    add_value(text, value);
}

static void write_steps(struct text *text, const struct snapshot *snapshot)
{
    static const char in_flight[] = "coebench_requests_in_flight",
                      elapsed[] = "coebench_step_elapsed_seconds";

    begin_family(text, in_flight, "gauge", "Requests in flight, of the steps under way.");
    for (size_t i = 0; i < snapshot->steps; i++)
        write_step(text, in_flight, &snapshot->step[i], (double)snapshot->step[i].in_flight);
    begin_family(text, elapsed, "gauge", "For how long the steps under way have been sending.");
    for (size_t i = 0; i < snapshot->steps; i++)
        write_step(text, elapsed, &snapshot->step[i], snapshot->step[i].elapsed_s);
}

static void write_switches(struct text *text, const struct snapshot *snapshot)
{
    static const char name[] = "coebench_switching_time_seconds";

    begin_family(text, name, "gauge", "Switching time of the last step of each model.");
    for (size_t i = 0; i < snapshot->models; i++) {
        if (isnan(snapshot->switched[i].switching_time_s))
            continue;
        text_add_string(text, name);
        add_label(text, "{", "gen_ai_request_model", snapshot->switched[i].model);
        text_add_char(text, '}');
        add_value(text, snapshot->switched[i].switching_time_s);
    }
}

void meters_write(struct meters *meters, struct text *text)
{
    struct snapshot snapshot;

    if (!meters)
        return;
    snapshot_take(meters, &snapshot);
    write_run(text, &snapshot);
    write_steps(text, &snapshot);
    write_switches(text, &snapshot);
    for (int meter = 0; meter < METERS; meter++) {
        if (meter_table[meter].help)
            begin_family(text, meter_table[meter].name, "histogram", meter_table[meter].help);
        for (size_t i = 0; i < snapshot.count; i++)
            write_histogram(text, &snapshot, (enum meter)meter, &snapshot.series[i]);
    }
    snapshot_clear(&snapshot);
}
