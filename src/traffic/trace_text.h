/* A text file line by line, in memory for one line; inside this room. */
#ifndef TRAFFIC_TRACE_TEXT_H
#define TRAFFIC_TRACE_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#include "core/error.h"
#include "core/text.h"

/* Bytes of a line, at most: a Mooncake line of a million tokens has 20 KiB. */
enum { TRACE_TEXT_LINE_MOST = 1 << 20, TRACE_TEXT_PIECE = 1 << 16 };

struct trace_text {
    const char *path;
    int fd;           /* −1: none is open */
    char *piece;      /* of the file, read at once: TRACE_TEXT_PIECE bytes; owned */
    size_t at, held;  /* what of it is still to be taken */
    struct text line; /* the line read last, without its end; never with a NUL inside */
    size_t number;    /* its number, from 1 */
    bool again;       /* it is to be read once more */
};

enum trace_text_read { TRACE_TEXT_LINE, TRACE_TEXT_END, TRACE_TEXT_FAULT };

/* Opens a regular file; `path` must outlive it. False with a sentence. Clear it either way. */
bool trace_text_open(struct trace_text *text, const char *path, struct error *error);

/* Reads the next line that is not blank; lines end by LF or CRLF, and a byte-order mark is passed
 * over. A fault is a line that is too long, no UTF-8, or holds a zero byte, or a file that cannot
 * be read: one sentence with file and line. */
enum trace_text_read trace_text_next(struct trace_text *text, struct error *error);

/* The line read last comes once more. */
void trace_text_again(struct trace_text *text);

void trace_text_clear(struct trace_text *text);

#endif
