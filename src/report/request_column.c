#include "report/request_column.h"

#include <math.h>
#include <string.h>

#include "core/csv_text.h"
#include "core/text.h"
#include "report/terminal/terminal.h"
#include "stats/summary.h"

enum { TEXT = 512 };

/* A number, or where `write` is given, a text. */
struct request_column {
    struct sheet_column about;
    double (*number)(const struct request_line *line);
    void (*write)(const struct request_line *line, char text[TEXT]);
    enum metric metric; /* where neither is given */
};

static double run_number(const struct request_line *line)
{
    return (double)(line->run + 1);
}

static double step_index(const struct request_line *line)
{
    return (double)line->step->index;
}

static double request_index(const struct request_line *line)
{
    return (double)line->outcome.index;
}

static double began(const struct request_line *line)
{
    return line->began_s;
}

static double batch_size(const struct request_line *line)
{
    return line->batch_size;
}

static double rank(const struct request_line *line)
{
    return line->rank;
}

static double clock_uncertainty(const struct request_line *line)
{
    return line->clock_uncertainty_s;
}

static double http_status(const struct request_line *line)
{
    return line->outcome.http_status > 0 ? line->outcome.http_status : NAN;
}

static void row_name(const struct request_line *line, char text[TEXT])
{
    terminal_row(&line->step->row, TEXT / 2, text, TEXT);
}

static void error_code(const struct request_line *line, char text[TEXT])
{
    *text = '\0';
    if (line->code)
        snprintf(text, TEXT, "%s", line->code);
    else if (line->outcome.end != REQUEST_COMPLETED)
        summary_error_code(line->outcome.end, line->outcome.http_status, text, TEXT);
}

static void message(const struct request_line *line, char text[TEXT])
{
    snprintf(text, TEXT, "%.*s", DETAIL_MESSAGE - 1, line->message ? line->message : "");
}

#define NUMBER(label, unit, width, style, function)                                                \
    {                                                                                              \
        {label, unit, width, style}, function, NULL, METRIC_COUNT                                  \
    }
#define WORDS(label, width, function)                                                              \
    {                                                                                              \
        {label, "", width, STYLE_TEXT}, NULL, function, METRIC_COUNT                               \
    }
#define METRIC(label, unit, style, id)                                                             \
    {                                                                                              \
        {label, unit, 12, style}, NULL, NULL, METRIC_##id                                          \
    }

static const struct request_column columns[] = {
    NUMBER("run", "", 6, STYLE_WHOLE, run_number),
    NUMBER("step", "", 6, STYLE_WHOLE, step_index),
    WORDS("row", 44, row_name),
    NUMBER("request_index", "", 9, STYLE_WHOLE, request_index),
    NUMBER("began_s", "s", 11, STYLE_SECONDS, began),
    WORDS("error_code", 14, error_code),
    METRIC("number_input_tokens", "tokens", STYLE_WHOLE, NUMBER_INPUT_TOKENS),
    METRIC("number_output_tokens", "tokens", STYLE_WHOLE, NUMBER_OUTPUT_TOKENS),
    METRIC("client_ttft_s", "s", STYLE_SECONDS, CLIENT_TTFT_S),
    METRIC("client_end_to_end_latency_s", "s", STYLE_SECONDS, CLIENT_END_TO_END_LATENCY_S),
    METRIC("client_output_token_per_s", "tokens/s", STYLE_RATE, CLIENT_OUTPUT_TOKEN_PER_S),
    METRIC("client_time_per_output_token_s", "s", STYLE_SECONDS, CLIENT_TIME_PER_OUTPUT_TOKEN_S),
    METRIC("client_request_output_token_per_s", "tokens/s", STYLE_RATE,
           CLIENT_REQUEST_OUTPUT_TOKEN_PER_S),
    METRIC("server_ttft_s", "s", STYLE_SECONDS, SERVER_TTFT_S),
    METRIC("server_end_to_end_latency_s", "s", STYLE_SECONDS, SERVER_END_TO_END_LATENCY_S),
    METRIC("server_output_token_per_s", "tokens/s", STYLE_RATE, SERVER_OUTPUT_TOKEN_PER_S),
    NUMBER("batch_size", "requests", 9, STYLE_WHOLE, batch_size),
    METRIC("client_schedule_delay_s", "s", STYLE_SECONDS, CLIENT_SCHEDULE_DELAY_S),
    METRIC("client_connect_s", "s", STYLE_SECONDS, CLIENT_CONNECT_S),
    METRIC("cached_tokens", "tokens", STYLE_WHOLE, CACHED_TOKENS),
    NUMBER("rank", "", 6, STYLE_WHOLE, rank),
    NUMBER("clock_uncertainty_s", "s", 12, STYLE_PLAIN, clock_uncertainty),
    NUMBER("http_status", "", 8, STYLE_PLAIN, http_status),
    WORDS("error_msg", 60, message),
};

enum { COLUMNS = sizeof columns / sizeof *columns };

size_t request_column_count(void)
{
    return COLUMNS;
}

const struct sheet_column *request_columns(void)
{
    static struct sheet_column about[COLUMNS];

    for (size_t i = 0; i < COLUMNS; i++)
        about[i] = columns[i].about;
    return about;
}

static double number_of(const struct request_column *column, const struct request_line *line)
{
    return column->number ? column->number(line) : line->outcome.figures.value[column->metric];
}

void request_write_cells(struct sheet *sheet, const struct request_line *line)
{
    char text[TEXT];

    if (line->outcome.end != REQUEST_COMPLETED)
        sheet->fill = FILL_BAD;
    for (size_t i = 0; i < COLUMNS; i++) {
        if (columns[i].write) {
            columns[i].write(line, text);
            sheet_text(sheet, text);
        } else {
            sheet_number(sheet, number_of(&columns[i], line));
        }
    }
    sheet_next(sheet);
}

static void write_quoted(FILE *out, const char *text)
{
    struct text cell = {0};

    csv_add_text(&cell, text);
    fputs(cell.bytes, out);
    text_clear(&cell);
}

void request_write_csv_head(FILE *out)
{
    fputs("\xef\xbb\xbf", out); /* by which spreadsheets know UTF-8 */
    for (size_t i = 0; i < COLUMNS; i++)
        fprintf(out, "%s%s", i > 0 ? "," : "", columns[i].about.label);
    fputs("\r\n", out);
}

void request_write_csv(FILE *out, const struct request_line *line)
{
    char text[TEXT];

    for (size_t i = 0; i < COLUMNS; i++) {
        double number;

        if (i > 0)
            fputc(',', out);
        if (columns[i].write) {
            columns[i].write(line, text);
            if (*text)
                write_quoted(out, text);
        } else if (isfinite(number = number_of(&columns[i], line))) {
            fprintf(out, "%.9g", number);
        }
    }
    fputs("\r\n", out);
}
