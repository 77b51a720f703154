/* A table of the index whose columns are members of JSON objects: one list makes the table, its
 * comments and what is written into it. For the index alone. */
#ifndef STORE_INDEX_MEMBERS_TABLE_H
#define STORE_INDEX_MEMBERS_TABLE_H

#include <cjson/cJSON.h>

#include "core/text.h"
#include "store/index/database.h"

enum member_kind {
    MEMBER_TEXT,  /* a text; "" is NULL */
    MEMBER_WORDS, /* a list of texts, joined by ", "; none is NULL */
    MEMBER_REAL,
    MEMBER_INTEGER,
    MEMBER_FLAG, /* true and false as 1 and 0 */
};

struct member_column {
    const char *name;
    enum member_kind kind;
    const char *inside; /* the object in which it stands; NULL: the one that is bound */
    const char *key;    /* its own there; NULL: `name` */
    const char *help;   /* a few words, with the unit */
};

/* Add, of a list that ends with a NULL name, "  name TYPE, -- help" for each, the last with its
 * comma where `more` follows; and "?,?,…". */
void members_table_add_columns(const struct member_column *columns, bool more, struct text *sql);
void members_table_add_places(const struct member_column *columns, struct text *sql);

/* Binds the members of `object` from parameter `at` on; what is not there, or of another kind, is
 * NULL. */
void members_table_bind(const struct member_column *columns, sqlite3_stmt *statement, int at,
                        const cJSON *object);

#endif
