#include "plan/row_columns.h"

#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "core/text.h"
#include "core/word.h"
#include "plan/mixes.h"

/* What a person reads when a number is out of range is these limits; they are far above any node.
 */
static const double tokens_most = 16777216, requests_most = 1e9, concurrency_most = 1e6,
                    qps_most = 1e6, share_most = 1e6, trace_most = 1e9, seconds_most = 31536000,
                    burstiness_least = 0.01, burstiness_most = 1000, turns_most = 1000;

static void fault(const struct row_reading *reading, const struct row_column *column,
                  const char *cell, const char *wanted)
{
    if (*cell)
        faults_add(reading->faults, reading->file, reading->record->line, "%s: '%.60s' is not %s",
                   column->name, cell, wanted);
    else
        faults_add(reading->faults, reading->file, reading->record->line,
                   "%s: is empty; it needs %s", column->name, wanted);
}

bool row_column_may_be_left_out(const struct row_column *column, const struct row_known *known)
{
    if (column->offset == offsetof(struct row, num_requests))
        return known->from_dataset || known->timed || known->shared || known->traced;
    if (column->offset == offsetof(struct row, output_tokens))
        return known->traced;
    return column->offset == offsetof(struct row, input_tokens) &&
           (known->from_dataset || known->traced);
}

static struct row_known known_of(const struct row_reading *reading)
{
    const struct row *row = reading->row;

    return (struct row_known){reading->from_dataset, row->duration_s > 0, row->share > 0,
                              row->trace != NULL};
}

/* A whole number ≥ 1; 0 counts as not set where the column may be left out, as in the kit. */
static void read_count(const struct row_reading *reading, const struct row_column *column,
                       const char *cell)
{
    int64_t *target = (int64_t *)((char *)reading->row + column->offset);
    struct row_known known = known_of(reading);
    bool integer = word_integer(cell, target);
    bool needed = column->required && !row_column_may_be_left_out(column, &known);

    if (!needed && (!*cell || (integer && *target == 0))) {
        *target = 0;
    } else if (!integer || *target < 1 || (double)*target > *column->most) {
        char *wanted = memory_printf("a whole number from 1 to %.0f", *column->most);

        fault(reading, column, cell, wanted);
        free(wanted);
    }
}

static void read_model(const struct row_reading *reading, const struct row_column *column,
                       const char *cell)
{
    const char *at = cell;

    while (*at && text_utf8_length(at))
        at += text_utf8_length(at);
    if (!*cell)
        fault(reading, column, cell, "the model's name as the endpoint gives it");
    else if (*at)
        faults_add(reading->faults, reading->file, reading->record->line,
                   "%s: is not UTF-8; save the file with that encoding", column->name);
    reading->row->model_name = memory_text(cell);
}

static void read_qps(const struct row_reading *reading, const struct row_column *column,
                     const char *cell)
{
    double *qps = &reading->row->qps;

    *qps = 0;
    if (*cell && (!word_number(cell, qps) || *qps < 0 || *qps > qps_most))
        fault(reading, column, cell, "a number of requests per second above 0, up to 1000000");
}

/* The index of a cell among `names`, or −1 and a fault that lists them. */
static int read_name(const struct row_reading *reading, const struct row_column *column,
                     const char *cell, const char *const *names, const char *wanted)
{
    for (int i = 0; names[i]; i++) {
        if (word_same(cell, names[i]))
            return i;
    }
    fault(reading, column, cell, wanted);
    return -1;
}

/* Numbers of the columns that shape an open loop. */
static void read_rate_end(const struct row_reading *reading, const struct row_column *column,
                          const char *cell)
{
    double *qps_end = &reading->row->qps_end;

    *qps_end = 0;
    if (*cell && (!word_number(cell, qps_end) || *qps_end < 0 || *qps_end > qps_most))
        fault(reading, column, cell, "a number of requests per second above 0, up to 1000000");
}

static void read_ramp(const struct row_reading *reading, const struct row_column *column,
                      const char *cell)
{
    int index = *cell
                    ? read_name(reading, column, cell, row_ramp_names, "one of linear, exponential")
                    : ROW_RAMP_LINEAR;

    if (index >= 0)
        reading->row->qps_ramp = (enum row_ramp)index;
    if (*cell && !(reading->row->qps_end > 0))
        faults_add(reading->warnings, reading->file, reading->record->line,
                   "%s is not used without qps_end", column->name);
}

static void read_burstiness(const struct row_reading *reading, const struct row_column *column,
                            const char *cell)
{
    double *burstiness = &reading->row->burstiness;

    *burstiness = 0;
    if (*cell && (!word_number(cell, burstiness) || *burstiness > burstiness_most ||
                  (*burstiness != 0 && *burstiness < burstiness_least)))
        fault(reading, column, cell, "a number from 0.01 to 1000; 1 is random, less is burstier");
}

static void read_distribution(const struct row_reading *reading, const struct row_column *column,
                              const char *cell)
{
    int index = *cell ? read_name(reading, column, cell, row_distribution_names,
                                  "one of constant, uniform, exponential, gamma")
                      : ROW_CONSTANT;

    if (index == ROW_TRACE)
        fault(reading, column, cell, "one of constant, uniform, exponential, gamma");
    else if (index >= 0)
        reading->row->qps_distribution = (enum row_distribution)index;
    if (reading->row->burstiness > 0 && !*cell)
        reading->row->qps_distribution = ROW_GAMMA;
    else if (reading->row->burstiness > 0 && index >= 0 && index < ROW_GAMMA)
        fault(reading, column, cell, "what burstiness asks for: gamma; leave one of them empty");
    else if (index == ROW_GAMMA && !(reading->row->burstiness > 0))
        fault(reading, column, cell, "known without burstiness, its shape; set that");
}

static void read_share(const struct row_reading *reading, const struct row_column *column,
                       const char *cell)
{
    double *share = &reading->row->share;

    *share = 0;
    if (*cell && (!word_number(cell, share) || !(*share > 0) || *share > share_most))
        fault(reading, column, cell,
              "a number above 0, up to 1000000; only the shares' ratios count");
}

static void read_trace(const struct row_reading *reading, const struct row_column *column,
                       const char *cell)
{
    struct row *row = reading->row;

    (void)column;
    free(row->trace);
    row->trace = *cell ? memory_text(cell) : NULL;
    row->trace_speed = row->trace ? 1 : 0;
}

/* How a trace is read, in a row that has one. */
static void read_of_trace(const struct row_reading *reading, const struct row_column *column,
                          const char *cell)
{
    double *number = (double *)((char *)reading->row + column->offset);
    bool from_0 = column->offset == offsetof(struct row, trace_from_s);

    if (*cell && !reading->row->trace)
        faults_add(reading->warnings, reading->file, reading->record->line,
                   "%s is not used without trace", column->name);
    else if (*cell && (!word_number(cell, number) || *number < 0 || *number > *column->most ||
                       (*number == 0 && !from_0)))
        fault(reading, column, cell,
              from_0 ? "a number of 0 or more, up to 1000000000"
                     : "a number above 0, up to 1000000000");
}

static void read_dataset(const struct row_reading *reading, const struct row_column *column,
                         const char *cell)
{
    (void)column;
    free(reading->row->dataset);
    reading->row->dataset = *cell ? memory_text(cell) : NULL;
}

static void read_mix(const struct row_reading *reading, const struct row_column *column,
                     const char *cell)
{
    free(reading->row->mix);
    reading->row->mix = *cell ? memory_text(cell) : NULL;
    if (*cell && !mixes_may_name(cell))
        fault(reading, column, cell, mixes_name_wanted);
}

static void read_spread(const struct row_reading *reading, const struct row_column *column,
                        const char *cell)
{
    double *spread = (double *)((char *)reading->row + column->offset);

    *spread = 0;
    if (*cell && (!word_number(cell, spread) || *spread < 0 || *spread > *column->most))
        fault(reading, column, cell, "a number of tokens, 0 or more");
}

static void read_seconds(const struct row_reading *reading, const struct row_column *column,
                         const char *cell)
{
    double *seconds = (double *)((char *)reading->row + column->offset);

    *seconds = 0;
    if (*cell && (!word_number(cell, seconds) || *seconds < 0 || *seconds > *column->most))
        fault(reading, column, cell, "a number of seconds above 0, up to 31536000");
}

static void read_image(const struct row_reading *reading, const struct row_column *column,
                       const char *cell)
{
    int index = read_name(reading, column, cell, row_image_names,
                          "one of small, medium, large, or empty for no image");

    if (index >= 0)
        reading->row->multimodal_img_size = (enum row_image)index;
}

/* 1 and 0 are written too, by spreadsheets. */
static void read_warmup(const struct row_reading *reading, const struct row_column *column,
                        const char *cell)
{
    bool *warmup = &reading->row->warmup;
    double number;

    *warmup = false;
    if (word_number(cell, &number) && (number == 0 || number == 1))
        *warmup = number == 1;
    else if (*cell && !word_truth(cell, warmup))
        fault(reading, column, cell, "true or false");
}

#define COUNT(field, needed, limit)                                                                \
    {                                                                                              \
#field, needed, read_count, offsetof(struct row, field), &(limit)                          \
    }
const struct row_column row_columns[ROW_COLUMNS] = {
    {"model_name", true, read_model, 0, NULL},
    {"trace", false, read_trace, 0, NULL}, /* with which what it has may be empty, as with … */
    {"share", false, read_share, 0, NULL}, /* … what the mix's first row has for all */
    COUNT(input_tokens, true, tokens_most),
    COUNT(output_tokens, true, tokens_most),
    {"duration_s", false, read_seconds, offsetof(struct row, duration_s), &seconds_most},
    COUNT(num_requests, true, requests_most), /* behind duration_s, with which it may be empty */
    COUNT(concurrent_requests, false, concurrency_most),
    {"qps", false, read_qps, 0, NULL},
    {"burstiness", false, read_burstiness, 0, NULL},
    {"qps_distribution", false, read_distribution, 0, NULL}, /* behind burstiness: it implies one */
    {"qps_end", false, read_rate_end, 0, NULL},
    {"qps_ramp", false, read_ramp, 0, NULL},
    COUNT(max_in_flight, false, concurrency_most),
    {"multimodal_img_size", false, read_image, 0, NULL},
    {"stddev_input_tokens", false, read_spread, offsetof(struct row, stddev_input_tokens),
     &tokens_most},
    {"stddev_output_tokens", false, read_spread, offsetof(struct row, stddev_output_tokens),
     &tokens_most},
    {"dataset", false, read_dataset, 0, NULL},
    {"warmup", false, read_warmup, 0, NULL},
    COUNT(warmup_requests, false, requests_most),
    COUNT(cooldown_requests, false, requests_most),
    {"mix", false, read_mix, 0, NULL},
    {"trace_speed", false, read_of_trace, offsetof(struct row, trace_speed), &trace_most},
    {"trace_from_s", false, read_of_trace, offsetof(struct row, trace_from_s), &trace_most},
    {"trace_for_s", false, read_of_trace, offsetof(struct row, trace_for_s), &trace_most},
    COUNT(prefix_tokens, false, tokens_most),
    COUNT(turns, false, turns_most),
    COUNT(turn_input_tokens, false, tokens_most),
    {"think_time_s", false, read_seconds, offsetof(struct row, think_time_s), &seconds_most},
};
