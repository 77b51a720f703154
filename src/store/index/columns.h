/* A table of the index whose columns are the members of a struct: one list makes the table, its
 * comments and what is written into it. For the index alone. */
#ifndef STORE_INDEX_COLUMNS_H
#define STORE_INDEX_COLUMNS_H

#include <stddef.h>

#include "core/text.h"
#include "store/index/database.h"

enum column_kind {
    COLUMN_TEXT,   /* char *; NULL and "" are NULL */
    COLUMN_WORD,   /* an enum, by its words; "" is NULL */
    COLUMN_SIZE,   /* size_t */
    COLUMN_COUNT,  /* int64_t, 0 is NULL: not asked for */
    COLUMN_AMOUNT, /* double, 0 is NULL: not asked for */
    COLUMN_NUMBER, /* double, NAN is NULL */
    COLUMN_PLACE,  /* long, below 0 is NULL */
    COLUMN_LINE,   /* int, 0 is NULL */
    COLUMN_FLAG,   /* bool, as 0 or 1 */
};

struct column {
    const char *name;
    enum column_kind kind;
    size_t offset;
    const char *const *words; /* of an enum */
    const char *help;         /* a few words, with the unit */
};

/* Adds "CREATE TABLE name(first, column TYPE, -- help …)"; `first` are columns of its own. */
void columns_add_table(const struct column *columns, const char *name, const char *first,
                       struct text *sql);

/* Adds "INSERT INTO name(first, …) VALUES(?, …)"; `firsts` is how many `first` has. */
void columns_add_insert(const struct column *columns, const char *name, const char *first,
                        int firsts, struct text *sql);

/* Binds the members of the struct at `thing` from parameter `at` on. */
void columns_bind(const struct column *columns, sqlite3_stmt *statement, int at, const void *thing);

#endif
