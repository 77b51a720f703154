/* Errors among the lines of an event stream that are no fields of an event: a line `error: …`
 * (llama.cpp), and a JSON object that stands there bare, on one line or over several; inside this
 * room. The standard skips such lines, and with them the failure. */
#ifndef WIRE_STRAY_H
#define WIRE_STRAY_H

#include <stdbool.h>
#include <stddef.h>

#include "core/text.h"
#include "wire/nesting.h"

/* The most bytes such an object may have; a longer one is skipped. */
enum { STRAY_MOST = 64 << 10 };

/* Zeroed: nothing was seen. */
struct stray {
    struct text text; /* the object under way, or where `failed`, an object that is an error */
    struct nesting nesting;
    bool open;   /* the next lines belong to the object */
    bool failed; /* stands until the next line is taken */
};

/* Takes a line, more than 0 bytes. False where it is for the event stream; true where it is not,
 * and `failed` says whether it completed an error. */
bool stray_take_line(struct stray *stray, const char *line, size_t length);

/* Forgets what was seen, and keeps the room. */
void stray_reset(struct stray *stray);

void stray_clear(struct stray *stray);

#endif
