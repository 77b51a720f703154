/* The members of a mix in the live block: what each showed last, and the lines of all of them. */
#ifndef REPORT_TERMINAL_PROGRESS_MIX_H
#define REPORT_TERMINAL_PROGRESS_MIX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "report/terminal/progress_view.h"

/* Members that have a line; of more, the last line tells how many. */
enum { PROGRESS_MEMBERS = 8 };

struct progress_member {
    const struct row *row;
    size_t index;              /* of its step */
    bool seen;                 /* it has shown something */
    struct progress_view view; /* without its errors */
    size_t failed;             /* requests, of all kinds */
};

/* Zeroed: no mix runs. */
struct progress_mix {
    struct progress_member *member; /* in the order they began; owned */
    size_t count;
    int64_t drawn_ns; /* when the block was drawn last */
};

/* A row begins; one of no mix is passed over. */
void progress_mix_begin(struct progress_mix *mix, const struct row *row, size_t index);

/* Keeps what a member shows. False: nothing is to be drawn, since another drew just before. */
bool progress_mix_note(struct progress_mix *mix, const struct progress_view *view, int64_t now_ns);

/* A row has ended. */
void progress_mix_end(struct progress_mix *mix, size_t index);

/* All of it as one row: "1+3+4/4 mix day"; what is done, as a bar of `width` columns (0: none) and
 * in numbers; and how fast. `line` has room for LINE_TEXT bytes (progress_line.h). */
void progress_mix_title(const struct progress_mix *mix, size_t rows, char *line);
void progress_mix_done(const struct progress_mix *mix, int width, char *line);
void progress_mix_speed(const struct progress_mix *mix, char *line);

/* How many lines its members have, and the one at `index`. */
size_t progress_mix_lines(const struct progress_mix *mix);
void progress_mix_member(const struct progress_mix *mix, size_t index, char *line);

/* Requests of all members that failed so far. */
size_t progress_mix_failed(const struct progress_mix *mix);

void progress_mix_clear(struct progress_mix *mix);

#endif
