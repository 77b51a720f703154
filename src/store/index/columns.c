#include "store/index/columns.h"

#include <stdbool.h>

static const char *const types[] = {
    [COLUMN_TEXT] = "TEXT",     [COLUMN_WORD] = "TEXT",    [COLUMN_SIZE] = "INTEGER",
    [COLUMN_COUNT] = "INTEGER", [COLUMN_AMOUNT] = "REAL",  [COLUMN_NUMBER] = "REAL",
    [COLUMN_PLACE] = "INTEGER", [COLUMN_LINE] = "INTEGER", [COLUMN_FLAG] = "INTEGER",
};

void columns_add_table(const struct column *columns, const char *name, const char *first,
                       struct text *sql)
{
    text_printf(sql, "CREATE TABLE %s(\n%s", name, first);
    for (const struct column *column = columns; column->name; column++)
        text_printf(sql, "  %s %s%s%s%s\n", column->name, types[column->kind],
                    column[1].name ? "," : "", *column->help ? " -- " : "", column->help);
    text_add_string(sql, ");\n");
}

void columns_add_insert(const struct column *columns, const char *name, const char *first,
                        int firsts, struct text *sql)
{
    text_printf(sql, "INSERT INTO %s(%s", name, first);
    for (const struct column *column = columns; column->name; column++)
        text_printf(sql, ", %s", column->name);
    text_add_string(sql, ") VALUES(?");
    for (int i = 1; i < firsts; i++)
        text_add_string(sql, ",?");
    for (const struct column *column = columns; column->name; column++)
        text_add_string(sql, ",?");
    text_add_char(sql, ')');
}

static void bind_integer(sqlite3_stmt *statement, int at, int64_t value, bool known)
{
    if (known)
        sqlite3_bind_int64(statement, at, value);
}

static void bind_words(sqlite3_stmt *statement, int at, const char *text)
{
    database_bind_text(statement, at, text && *text ? text : NULL);
}

static void bind_one(const struct column *column, sqlite3_stmt *statement, int at, const void *from)
{
    switch (column->kind) {
    case COLUMN_TEXT:
        bind_words(statement, at, *(const char *const *)from);
        break;
    case COLUMN_WORD:
        bind_words(statement, at, column->words[*(const int *)from]);
        break;
    case COLUMN_SIZE:
        bind_integer(statement, at, (int64_t) * (const size_t *)from, true);
        break;
    case COLUMN_COUNT:
        bind_integer(statement, at, *(const int64_t *)from, *(const int64_t *)from != 0);
        break;
    case COLUMN_AMOUNT:
        if (*(const double *)from != 0)
            database_bind_number(statement, at, *(const double *)from);
        break;
    case COLUMN_NUMBER:
        database_bind_number(statement, at, *(const double *)from);
        break;
    case COLUMN_PLACE:
        bind_integer(statement, at, *(const long *)from, *(const long *)from >= 0);
        break;
    case COLUMN_LINE:
        bind_integer(statement, at, *(const int *)from, *(const int *)from != 0);
        break;
    case COLUMN_FLAG:
        bind_integer(statement, at, *(const bool *)from, true);
        break;
    }
}

void columns_bind(const struct column *columns, sqlite3_stmt *statement, int at, const void *thing)
{
    for (const struct column *column = columns; column->name; column++)
        bind_one(column, statement, at++, (const char *)thing + column->offset);
}
