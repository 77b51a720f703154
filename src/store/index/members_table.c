#include "store/index/members_table.h"

#include <math.h>

#include "store/json.h"
#include "store/members.h"

static const char *const types[] = {
    [MEMBER_TEXT] = "TEXT",       [MEMBER_WORDS] = "TEXT",   [MEMBER_REAL] = "REAL",
    [MEMBER_INTEGER] = "INTEGER", [MEMBER_FLAG] = "INTEGER",
};

void members_table_add_columns(const struct member_column *columns, bool more, struct text *sql)
{
    for (const struct member_column *column = columns; column->name; column++)
        text_printf(sql, "  %s %s%s%s%s\n", column->name, types[column->kind],
                    more || column[1].name ? "," : "", *column->help ? " -- " : "", column->help);
}

void members_table_add_places(const struct member_column *columns, struct text *sql)
{
    for (const struct member_column *column = columns; column->name; column++)
        text_add_string(sql, column == columns ? "?" : ",?");
}

static void bind_words(sqlite3_stmt *statement, int at, const cJSON *list)
{
    struct text words = {0};

    for (const cJSON *item = cJSON_IsArray(list) ? list->child : NULL; item; item = item->next) {
        if (!cJSON_IsString(item))
            continue;
        text_add_string(&words, words.length > 0 ? ", " : "");
        text_add_string(&words, item->valuestring);
    }
    if (words.length > 0)
        database_bind_text(statement, at, words.bytes);
    text_clear(&words);
}

static void bind_integer(sqlite3_stmt *statement, int at, const cJSON *item)
{
    static const double most = 1e15; /* a double has all whole numbers up to it */
    double number = json_number(item);

    if (fabs(number) < most)
        sqlite3_bind_int64(statement, at, (int64_t)number);
}

static void bind_one(enum member_kind kind, sqlite3_stmt *statement, int at, const cJSON *item)
{
    switch (kind) {
    case MEMBER_TEXT:
        if (cJSON_IsString(item) && item->valuestring[0])
            database_bind_text(statement, at, item->valuestring);
        break;
    case MEMBER_WORDS:
        bind_words(statement, at, item);
        break;
    case MEMBER_REAL:
        database_bind_number(statement, at, json_number(item));
        break;
    case MEMBER_INTEGER:
        bind_integer(statement, at, item);
        break;
    case MEMBER_FLAG:
        if (cJSON_IsBool(item))
            sqlite3_bind_int(statement, at, cJSON_IsTrue(item));
        break;
    }
}

void members_table_bind(const struct member_column *columns, sqlite3_stmt *statement, int at,
                        const cJSON *object)
{
    struct members members;

    members_init(&members, object);
    for (const struct member_column *column = columns; column->name; column++) {
        const cJSON *item = members_find(
            &members, column->inside ? column->inside : (column->key ? column->key : column->name));

        if (column->inside)
            item = cJSON_GetObjectItemCaseSensitive(item, column->key);
        bind_one(column->kind, statement, at++, item);
    }
    members_clear(&members);
}
