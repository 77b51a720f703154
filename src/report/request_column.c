#include "report/request_column.h"

#include <math.h>
#include <string.h>

#include "core/csv_text.h"
#include "core/decimal.h"
#include "core/text.h"
#include "stats/summary.h"

enum { TEXT = 512 };

/* A number, or where `write` is given, a text. */
struct request_column {
    struct sheet_column about;
    double (*number)(const struct request_line *line);
    void (*write)(const struct request_line *line, char text[TEXT]);
    enum line_figure figure; /* where neither is given */
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
    return (double)line->index;
}

static double began(const struct request_line *line)
{
    return line->began_s;
}

static double batch_size(const struct request_line *line)
{
    return line->batch_size;
}

static double http_status(const struct request_line *line)
{
    return line->http_status > 0 ? line->http_status : NAN;
}

static void row_name(const struct request_line *line, char text[TEXT])
{
    snprintf(text, TEXT, "%s", line->row);
}

static void error_code(const struct request_line *line, char text[TEXT])
{
    *text = '\0';
    if (line->code)
        snprintf(text, TEXT, "%s", line->code);
    else if (line->end != REQUEST_COMPLETED)
        summary_error_code(line->end, line->http_status, text, TEXT);
}

static void message(const struct request_line *line, char text[TEXT])
{
    snprintf(text, TEXT, "%.*s", DETAIL_MESSAGE - 1, line->message ? line->message : "");
}

#define NUMBER(label, unit, width, style, function)                                                \
    {                                                                                              \
        {label, unit, width, style}, function, NULL, LINE_FIGURES                                  \
    }
#define WORDS(label, width, function)                                                              \
    {                                                                                              \
        {label, "", width, STYLE_TEXT}, NULL, function, LINE_FIGURES                               \
    }
#define FIGURE(label, unit, style, id)                                                             \
    {                                                                                              \
        {label, unit, 12, style}, NULL, NULL, LINE_##id                                            \
    }

static const struct request_column columns[] = {
    NUMBER("run", "", 6, STYLE_WHOLE, run_number),
    NUMBER("step", "", 6, STYLE_WHOLE, step_index),
    WORDS("row", 44, row_name),
    NUMBER("request_index", "", 9, STYLE_WHOLE, request_index),
    NUMBER("began_s", "s", 11, STYLE_SECONDS, began),
    WORDS("error_code", 14, error_code),
    FIGURE("number_input_tokens", "tokens", STYLE_WHOLE, INPUT_TOKENS),
    FIGURE("number_output_tokens", "tokens", STYLE_WHOLE, OUTPUT_TOKENS),
    FIGURE("client_ttft_s", "s", STYLE_SECONDS, CLIENT_TTFT_S),
    FIGURE("client_end_to_end_latency_s", "s", STYLE_SECONDS, CLIENT_END_TO_END_LATENCY_S),
    FIGURE("client_output_token_per_s", "tokens/s", STYLE_RATE, CLIENT_OUTPUT_TOKEN_PER_S),
    FIGURE("client_time_per_output_token_s", "s", STYLE_SECONDS, CLIENT_TIME_PER_OUTPUT_TOKEN_S),
    FIGURE("client_request_output_token_per_s", "tokens/s", STYLE_RATE,
           CLIENT_REQUEST_OUTPUT_TOKEN_PER_S),
    FIGURE("server_ttft_s", "s", STYLE_SECONDS, SERVER_TTFT_S),
    FIGURE("server_end_to_end_latency_s", "s", STYLE_SECONDS, SERVER_END_TO_END_LATENCY_S),
    FIGURE("server_output_token_per_s", "tokens/s", STYLE_RATE, SERVER_OUTPUT_TOKEN_PER_S),
    NUMBER("batch_size", "requests", 9, STYLE_WHOLE, batch_size),
    FIGURE("client_schedule_delay_s", "s", STYLE_SECONDS, CLIENT_SCHEDULE_DELAY_S),
    FIGURE("client_connect_s", "s", STYLE_SECONDS, CLIENT_CONNECT_S),
    FIGURE("cached_tokens", "tokens", STYLE_WHOLE, CACHED_TOKENS),
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
    return column->number ? column->number(line) : line->value[column->figure];
}

void request_write_cells(struct sheet *sheet, const struct request_line *line)
{
    char text[TEXT];

    if (line->end != REQUEST_COMPLETED)
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

void request_write_csv_head(FILE *out)
{
    fputs("\xef\xbb\xbf", out); /* by which spreadsheets know UTF-8 */
    for (size_t i = 0; i < COLUMNS; i++)
        fprintf(out, "%s%s", i > 0 ? "," : "", columns[i].about.label);
    fputs("\r\n", out);
}

void request_add_csv(const struct request_line *line, struct text *csv)
{
    char text[TEXT];

    for (size_t i = 0; i < COLUMNS; i++) {
        double number;

        if (i > 0)
            text_add_char(csv, ',');
        if (columns[i].write) {
            columns[i].write(line, text);
            if (*text)
                csv_add_text(csv, text);
        } else if (isfinite(number = number_of(&columns[i], line))) {
            decimal_add_nine(csv, number);
        }
    }
    text_add_string(csv, "\r\n");
}
