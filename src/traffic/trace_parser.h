/* Lines of a trace, each taken apart by what its format's table says; inside this room. */
#ifndef TRAFFIC_TRACE_PARSER_H
#define TRAFFIC_TRACE_PARSER_H

#include <stdbool.h>

#include "traffic/trace_format.h"
#include "traffic/trace_text.h"

struct trace_csv;

struct trace_parser {
    const struct trace_format *format;
    struct trace_csv *csv;
    size_t at[TRACE_FIELDS]; /* CSV: the column of each field; SIZE_MAX: there is none */
    size_t columns;          /* CSV: in the header */
    const char *path;
};

/* Tells the format by the file's first line, and reads a header. `path` must outlive the parser.
 * False with a sentence. Clear it either way. */
bool trace_parser_begin(struct trace_parser *parser, const char *path,
                        const struct trace_text *first, struct error *error);

/* Reads a line. False with a sentence that names file, line and field. */
bool trace_parser_read(struct trace_parser *parser, const struct trace_text *text,
                       struct trace_line *line, struct error *error);

void trace_parser_clear(struct trace_parser *parser);

#endif
