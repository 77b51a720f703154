/* What stands where in a line of a trace: one table of formats, and the line taken apart; inside
 * this room. */
#ifndef TRAFFIC_TRACE_FORMAT_H
#define TRAFFIC_TRACE_FORMAT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/error.h"
#include "core/text.h"

/* What a field says. */
enum trace_field_kind {
    TRACE_SECONDS, /* since any moment */
    TRACE_MILLISECONDS,
    TRACE_DATE_TIME,
    TRACE_MODEL,
    TRACE_INPUT,
    TRACE_OUTPUT,
    TRACE_SESSION,
    TRACE_TURN,
    TRACE_BLOCKS,
};

struct trace_field {
    const char *name; /* a key, or a column in any letter case */
    enum trace_field_kind kind;
    bool needed;
};

enum { TRACE_FIELDS = 8 };

struct trace_format {
    const char *name;
    bool json;    /* else CSV with a header */
    bool spreads; /* requests of one whole second are spread over it */
    struct trace_field field[TRACE_FIELDS + 1]; /* ends with a NULL name */
};

extern const struct trace_format trace_formats[]; /* ends with a NULL name */

/* A line as it says. */
struct trace_line {
    size_t number;
    int64_t at_ns;     /* since whatever the file counts from */
    struct text model; /* empty: it names none */
    int64_t input_tokens, output_tokens, turn;
    bool has_session;
    uint64_t session;
    uint64_t *block; /* owned; room for blocks_room */
    size_t blocks, blocks_room;
};

/* What one field of a line holds: a text (a cell, or a JSON text), or a JSON number or list. */
struct cJSON;
struct trace_value {
    const char *text;         /* NULL: it is none */
    const struct cJSON *json; /* NULL: it is a cell */
};

/* Reads a field into the line. NULL, or what the field should be: "a number of seconds, 0 or more",
 * for the caller to say with file and line. */
const char *trace_field_read(const struct trace_field *field, const struct trace_value *value,
                             struct trace_line *line);

/* Forgets what the line said, keeps its room. */
void trace_line_reset(struct trace_line *line, size_t number);
void trace_line_clear(struct trace_line *line);

#endif
