/* How a response opens: what a proxy sends before the model's own first chunk, and a first token
 * that has no text; inside this room. */
#ifndef LOAD_OPENING_H
#define LOAD_OPENING_H

#include <stdbool.h>
#include <stddef.h>

#include "record/request.h"
#include "wire/dialect.h"

struct transfer;

/* A response whose server counted up to so many tokens, and which holds no text, may be all marks
 * of the model's format. With more, text came in a shape that nobody here reads, or was withheld:
 * the finish then tells nothing of the first token. */
enum { OPENING_SILENT_MOST = 8 };

/* Looks at an event before its chunk is counted. At the first chunk with the response's id or
 * model, those before it are announcements: they are counted as such, and no more as chunks. */
void opening_take_event(struct transfer *transfer, const char *payload, size_t length,
                        const struct event *event);

/* The stream has ended. Where nothing bore an id but the end, what came before is the model's,
 * unless the server counted fewer tokens than chunks came: then these are announcements. */
void opening_settle(struct transfer *transfer);

/* Whether a response without text completes all the same: it has a finish reason, and the server
 * counted 1 to OPENING_SILENT_MOST tokens. Marks the record, whose TTFT is then the finish. */
bool opening_take_silent(struct request *request);

#endif
