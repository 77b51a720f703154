/* Lines that the user types while Ctrl-C means "stop the response" and no more. */
#ifndef COMMAND_CHAT_LINES_H
#define COMMAND_CHAT_LINES_H

#include <stdatomic.h>
#include <stdbool.h>

#include "core/text.h"

/* Not 0: the response under way is to stop. */
extern atomic_int chat_stop;

enum chat_line {
    CHAT_LINE,
    CHAT_LINE_CANCELLED, /* by Ctrl-C: what was typed is forgotten */
    CHAT_LINE_END,       /* Ctrl-D, or the input's end */
};

/* Takes Ctrl-C and SIGTERM from here on: both set chat_stop. */
void chat_signals_catch(void);

/* Lets the next response begin; false where SIGTERM ended all. */
bool chat_signals_begin(void);

/* EXIT_INTERRUPTED or EXIT_TERMINATED by the signal that came last; 0: none did. */
int chat_signals_code(void);

/* Reads a line of standard input, without its end; a line that ends in '\' goes on with the next.
 * `kept` holds what was read beyond it, for the next call. */
enum chat_line chat_line_read(struct text *kept, struct text *line);

/* Reads all of standard input up to `most` bytes; false where it is larger or cannot be read. */
bool chat_input_read(size_t most, struct text *input);

#endif
