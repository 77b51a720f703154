/* What a terminal of some width is sent. */
#ifndef ON_TERMINAL_H
#define ON_TERMINAL_H

#include <pty.h>
#include <stdio.h>
#include <stdlib.h>
#include <termios.h>
#include <unistd.h>

#include "core/text.h"

/* Calls `print` with a terminal of `columns` that has no colours, and returns what came out of it,
 * for the caller to free. */
static inline char *on_terminal(int columns, void (*print)(FILE *out, const void *context),
                                const void *context)
{
    struct winsize size = {.ws_row = 50, .ws_col = (unsigned short)columns};
    struct termios raw = {0};
    struct text text = {0};
    char bytes[4096];
    int master, slave;
    ssize_t got;
    FILE *out;

    cfmakeraw(&raw);
    if (openpty(&master, &slave, NULL, &raw, &size) != 0)
        abort();
    setenv("NO_COLOR", "1", 1);
    out = fdopen(slave, "w");
    print(out, context);
    fclose(out);
    while ((got = read(master, bytes, sizeof bytes)) > 0)
        text_add(&text, bytes, (size_t)got);
    close(master);
    return text_take(&text);
}

#endif
