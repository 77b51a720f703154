#include "traffic/trace_csv.h"

#include <csv.h>
#include <stdlib.h>

#include "core/memory.h"
#include "core/text.h"

struct trace_csv {
    struct csv_parser parser;
    struct text bytes; /* the cells, each with a NUL behind it */
    size_t *begin;     /* of each cell in it */
    size_t cells;
};

struct trace_csv *trace_csv_new(void)
{
    struct trace_csv *csv = memory_new(1, sizeof *csv);

    csv_init(&csv->parser, CSV_STRICT | CSV_STRICT_FINI);
    return csv;
}

static void on_cell(void *bytes, size_t length, void *context)
{
    struct trace_csv *csv = context;

    csv->begin = memory_grow(csv->begin, csv->cells, sizeof *csv->begin);
    csv->begin[csv->cells++] = csv->bytes.length;
    text_add(&csv->bytes, bytes, length);
    text_add_char(&csv->bytes, '\0');
}

bool trace_csv_split(struct trace_csv *csv, const char *line, size_t length)
{
    bool done;

    csv->cells = 0;
    text_reset(&csv->bytes);
    done = csv_parse(&csv->parser, line, length, on_cell, NULL, csv) == length;
    return csv_fini(&csv->parser, on_cell, NULL, csv) == 0 && done;
}

size_t trace_csv_cells(const struct trace_csv *csv)
{
    return csv->cells;
}

const char *trace_csv_cell(const struct trace_csv *csv, size_t index)
{
    return csv->bytes.bytes + csv->begin[index];
}

void trace_csv_free(struct trace_csv *csv)
{
    if (!csv)
        return;
    csv_free(&csv->parser);
    text_clear(&csv->bytes);
    free(csv->begin);
    free(csv);
}
