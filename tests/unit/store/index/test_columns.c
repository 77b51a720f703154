/* A table whose columns are the members of a struct: made, written and read back. */
#include "store/index/columns.h"

#include "support.h"

static const char *const words[] = {"", "small", NULL};

struct thing {
    const char *text;
    int word, line;
    size_t size;
    int64_t count;
    double amount, number;
    long place;
    bool flag;
};

#define COLUMN(kind, field, words)                                                                 \
    {                                                                                              \
#field, COLUMN_##kind, offsetof(struct thing, field), words, #field " of it"               \
    }

static const struct column columns[] = {
    COLUMN(TEXT, text, NULL),     COLUMN(WORD, word, words),
    COLUMN(LINE, line, NULL),     COLUMN(SIZE, size, NULL),
    COLUMN(COUNT, count, NULL),   COLUMN(AMOUNT, amount, NULL),
    COLUMN(NUMBER, number, NULL), COLUMN(PLACE, place, NULL),
    COLUMN(FLAG, flag, NULL),     {0},
};

/* All columns of the thing, as SQLite prints them as literals. */
static char *written(const struct thing *thing)
{
    struct database database;
    struct error error;
    struct text sql = {0};
    sqlite3_stmt *statement;
    char *row;

    assert_true(database_open(&database, "x", &error));
    database_run(&database, "DROP TABLE IF EXISTS thing");
    columns_add_table(columns, "thing", "  id INTEGER,\n", &sql);
    database_run(&database, sql.bytes);
    text_reset(&sql);
    columns_add_insert(columns, "thing", "id", 1, &sql);
    statement = database_prepare(&database, sql.bytes);
    sqlite3_bind_int(statement, 1, 5);
    columns_bind(columns, statement, 2, thing);
    database_do(&database, statement);
    sqlite3_finalize(statement);
    statement = database_prepare(
        &database, "SELECT id || ' ' || quote(text) || ' ' || quote(word) || ' ' || quote(line) || "
                   "' ' || quote(size) || ' ' || quote(count) || ' ' || quote(amount) || ' ' || "
                   "quote(number) || ' ' || quote(place) || ' ' || quote(flag) FROM thing");
    assert_true(database_next(&database, statement));
    row = memory_text(database_text(statement, 0));
    sqlite3_finalize(statement);
    assert_true(database_commit(&database, &error));
    database_close(&database);
    text_clear(&sql);
    return row;
}

static void test_members_are_columns(void **state)
{
    static const struct {
        const char *name;
        struct thing thing;
        const char *row;
    } cases[] = {
        {"all", {"it's", 1, 7, 3, 12, 0.5, -2.5, 0, true}, "5 'it''s' 'small' 7 3 12 0.5 -2.5 0 1"},
        {"nothing is known or asked for",
         {NULL, 0, 0, 0, 0, 0, NAN, -1, false},
         "5 NULL NULL NULL 0 NULL NULL NULL NULL 0"},
        {"no text", {"", 0, 0, 0, 0, 0, 0, 1, false}, "5 NULL NULL NULL 0 NULL NULL 0.0 1 0"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char *row = written(&cases[i].thing);

        expect_text(cases[i].name, row, cases[i].row);
        free(row);
    }
}

static void test_the_table_says_what_its_columns_are(void **state)
{
    struct text sql = {0};

    (void)state;
    columns_add_table(columns, "thing", "  id INTEGER,\n", &sql);
    expect_part("the first", sql.bytes,
                "CREATE TABLE thing(\n  id INTEGER,\n  text TEXT, -- text of it\n");
    expect_part("the last", sql.bytes, "  flag INTEGER -- flag of it\n);\n");
    text_clear(&sql);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        in_folder(test_members_are_columns),
        cmocka_unit_test(test_the_table_says_what_its_columns_are),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
