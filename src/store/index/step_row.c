#include "store/index/step_row.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/memory.h"
#include "record/row_key.h"
#include "store/name.h"
#include "store/step_figures.h"

#define STEP(name, kind, field, help)                                                              \
    {                                                                                              \
        name, COLUMN_##kind, offsetof(struct step, field), NULL, help                              \
    }
#define WORD(name, field, words, help)                                                             \
    {                                                                                              \
        name, COLUMN_WORD, offsetof(struct step, field), words, help                               \
    }

const struct column step_columns[] = {
    STEP("step_index", SIZE, index, "0, 1 … in the order of the run"),
    STEP("name", TEXT, name, "its files begin with it"),
    STEP("model", TEXT, row.model_name, ""),
    STEP("num_input_tokens", COUNT, row.input_tokens, "asked for"),
    STEP("num_output_tokens", COUNT, row.output_tokens, "asked for"),
    STEP("num_requests", COUNT, row.num_requests, "asked for"),
    STEP("num_concurrent_requests", COUNT, row.concurrent_requests, "closed loop"),
    STEP("qps", AMOUNT, row.qps, "open loop, requests/s"),
    STEP("duration_s", AMOUNT, row.duration_s, "asked for"),
    WORD("multimodal_img_size", row.multimodal_img_size, row_image_names, ""),
    STEP("dataset", TEXT, row.dataset, "the file that prompts come from"),
    STEP("mix", TEXT, row.mix, "of rows that run together"),
    STEP("warmup", FLAG, row.warmup, "1: kept out of every estimate"),
    STEP("row_line", LINE, row.line, "in the CSV"),
    STEP("pass", SIZE, pass, "of the order, from 1; 0: a warm-up, or not known"),
    STEP("predecessor_step_index", PLACE, predecessor, "the step that ran just before"),
    STEP("step_attempt", SIZE, attempt, "how often it was started"),
    STEP("timestamp", COUNT, timestamp_s, "its end, Unix seconds"),
    WORD("step_end", end, step_end_words, "how it ended"),
    STEP("num_requests_started", SIZE, started, ""),
    STEP("num_completed_requests", SIZE, completed, ""),
    STEP("number_errors", SIZE, errors, ""),
    STEP("num_retries", SIZE, retries, ""),
    STEP("num_completed_requests_per_min", NUMBER, completed_per_min, ""),
    STEP("client_total_output_throughput", NUMBER, client_total_output_throughput, "tokens/s"),
    STEP("mean_output_throughput_token_per_s", NUMBER, mean_output_throughput, ""),
    STEP("window_output_throughput_token_per_s", NUMBER, window_output_throughput,
         "while all places were in use"),
    STEP("wall_time_s", NUMBER, wall_s, "first send to last end"),
    STEP("goodput_requests_per_s", NUMBER, goodput_requests_per_s, "that keep every limit of slo"),
    STEP("goodput_share", NUMBER, goodput_share, "of the requests sent"),
    STEP("output_tokens_share", NUMBER, fidelity.output_share, "that came, of those asked for"),
    STEP("prompt_error_tokens_max", NUMBER, fidelity.prompt_error_tokens_max, ""),
    STEP("representative_batch_size", NUMBER, representative_batch_size, ""),
    WORD("switching_verdict", switching.verdict, switching_verdict_words, "of the documented rule"),
    STEP("switching_time", NUMBER, switching.time_s, "s, by the documented rule"),
    STEP("switching_time_largest_batch_s", NUMBER, switching_time_largest_batch_s, ""),
    WORD("measurement_verdict", health.verdict, measurement_verdict_words,
         "whether the client kept up"),
    STEP("client_read_lateness_s_p99", NUMBER, health.read_lateness_p99_s, ""),
    STEP("client_loop_cpu_share_max", NUMBER, health.loop_cpu_share_max, "of one core"),
    STEP("call_share", NUMBER, call_share, "of all calls, by call_mix"),
    STEP("expert_configurations", TEXT, configuration, "that its row may load"),
    STEP("weight_gb", NUMBER, weight_gb, "of its expert"),
    {0},
};

const char step_firsts[] = "  id INTEGER PRIMARY KEY,\n"
                           "  run TEXT NOT NULL REFERENCES run(id),\n"
                           "  row TEXT NOT NULL, -- what was asked for: the same row in every run\n"
                           "  uuid TEXT COLLATE NOCASE, -- of the step, wherever its files lie\n"
                           "  figures_digest TEXT, -- of end and means: tells copies whose names "
                           "lack a UUID\n"
                           "  qps_distribution TEXT, -- open loop\n"
                           "  switching_source TEXT, -- whose TTFT the documented rule went by\n"
                           "  measurement_reason TEXT, -- NULL where valid\n";
const char step_first_names[] =
    "run, row, uuid, figures_digest, qps_distribution, switching_source, measurement_reason";

const char metric_table_columns[] =
    "  step INTEGER NOT NULL REFERENCES step(id),\n"
    "  metric TEXT NOT NULL, -- client_ttft_s … as summaries name it, without results_\n"
    "  p5 REAL, p25 REAL, p50 REAL, p75 REAL, p90 REAL, p95 REAL, p99 REAL, -- of its requests\n"
    "  mean REAL, min REAL, max REAL, stddev REAL,\n"
    "  value REAL, -- of what is one figure: of a server's telemetry, of a turn\n"
    "  PRIMARY KEY(step, metric)\n";

/* Parameters of the statement that writes a metric. */
enum {
    AT_STEP = 1,
    AT_METRIC,
    AT_QUANTILE,
    AT_MEAN = AT_QUANTILE + METRIC_QUANTILES,
    AT_VALUE = 14
};

void step_writer_init(struct step_writer *writer, struct database *database)
{
    struct text sql = {0};

    columns_add_insert(step_columns, "step", step_first_names, STEP_FIRSTS, &sql);
    writer->step = database_prepare(database, sql.bytes);
    writer->metric =
        database_prepare(database, "INSERT INTO metric VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?)");
    text_clear(&sql);
}

void step_writer_clear(struct step_writer *writer)
{
    sqlite3_finalize(writer->step);
    sqlite3_finalize(writer->metric);
    *writer = (struct step_writer){0};
}

/* A step whose metrics are written. */
struct writing {
    struct step_writer *writer;
    struct database *database;
    int64_t step;
};

static void write_summary(struct writing *writing, const char *name,
                          const struct metric_summary *summary)
{
    sqlite3_stmt *metric = writing->writer->metric;
    const double others[] = {summary->mean, summary->least, summary->most, summary->stddev};

    if (summary->count == 0)
        return;
    sqlite3_bind_int64(metric, AT_STEP, writing->step);
    sqlite3_bind_text(metric, AT_METRIC, name, -1, SQLITE_TRANSIENT);
    for (int i = 0; i < METRIC_QUANTILES; i++)
        database_bind_number(metric, AT_QUANTILE + i, summary->quantile[i]);
    for (int i = 0; i < 4; i++)
        database_bind_number(metric, AT_MEAN + i, others[i]);
    database_do(writing->database, metric);
}

static void write_value(struct writing *writing, const char *name, double value)
{
    sqlite3_stmt *metric = writing->writer->metric;

    if (!isfinite(value))
        return;
    sqlite3_bind_int64(metric, AT_STEP, writing->step);
    sqlite3_bind_text(metric, AT_METRIC, name, -1, SQLITE_TRANSIENT);
    sqlite3_bind_double(metric, AT_VALUE, value);
    database_do(writing->database, metric);
}

static void write_turn(struct writing *writing, size_t number, const struct turn_figures *turn)
{
    const struct {
        const char *name;
        size_t count;
    } counts[] = {{"num_requests_started", turn->started},
                  {"num_completed_requests", turn->completed},
                  {"num_not_sent", turn->not_sent}};
    char name[160];

    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
        snprintf(name, sizeof name, "turn_%zu_%s", number, counts[i].name);
        write_value(writing, name, (double)counts[i].count);
    }
    for (int i = 0; i < TURN_METRICS; i++) {
        snprintf(name, sizeof name, "turn_%zu_%s", number, metric_table[turn_metrics[i]].key);
        write_summary(writing, name, &turn->metric[i]);
    }
}

static void write_metrics(struct writing *writing, const struct step *step)
{
    char name[160];

    for (int i = 0; i < METRIC_COUNT; i++)
        write_summary(writing, metric_table[i].key, &step->metric[i]);
    write_summary(writing, "client_gap_s", &step->gap);
    write_summary(writing, "client_gap_per_token_s", &step->gap_per_token);
    for (int i = 0; i < STEP_WINDOW_METRICS; i++) {
        snprintf(name, sizeof name, "window_%s", metric_table[step_window_metrics[i]].key);
        write_summary(writing, name, &step->window[i]);
    }
    for (size_t i = 0; i < step->turns; i++)
        write_turn(writing, i + 1, &step->turn[i]);
    for (int i = 0; i < TELEMETRY_FIGURES && step->telemetry.polls > 0; i++)
        write_value(writing, telemetry_name[i].key, step->telemetry.value[i]);
}

static void bind_firsts(sqlite3_stmt *statement, const char *run, const struct step *step)
{
    char *key = row_key(&step->row);
    const char *uuid = name_uuid(step->name);
    char figures[STEP_FIGURES + 1];

    database_bind_text(statement, 1, run);
    database_bind_text(statement, 2, key);
    if (uuid)
        sqlite3_bind_text(statement, 3, uuid, NAME_UUID, SQLITE_TRANSIENT);
    step_figures_digest(step, figures);
    sqlite3_bind_text(statement, 4, figures, STEP_FIGURES, SQLITE_TRANSIENT);
    if (step->row.qps > 0)
        database_bind_text(statement, 5, row_distribution_names[step->row.qps_distribution]);
    if (step->switching.verdict <= SWITCHING_NONE)
        database_bind_text(statement, 6, step->switching.from_server ? "server" : "client");
    if (step->health.reason[0])
        database_bind_text(statement, 7, step->health.reason);
    free(key);
}

int64_t step_writer_add(struct step_writer *writer, struct database *database, const char *run,
                        const struct step *step)
{
    struct writing writing = {.writer = writer, .database = database};

    bind_firsts(writer->step, run, step);
    columns_bind(step_columns, writer->step, STEP_FIRSTS + 1, step);
    database_do(database, writer->step);
    writing.step = sqlite3_last_insert_rowid(database->sqlite);
    write_metrics(&writing, step);
    return writing.step;
}
