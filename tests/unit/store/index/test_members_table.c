/* A table whose columns are members of JSON objects: made, and written. */
#include "store/index/members_table.h"

#include "support.h"

static const struct member_column columns[] = {
    {"text", MEMBER_TEXT, NULL, NULL, "of it"},
    {"words", MEMBER_WORDS, NULL, NULL, ""},
    {"number", MEMBER_REAL, NULL, "n", ""},
    {"whole", MEMBER_INTEGER, NULL, NULL, ""},
    {"flag", MEMBER_FLAG, NULL, NULL, ""},
    {"deep", MEMBER_REAL, "inside", "x", "in it"},
    {0},
};

/* All columns of the object, as SQLite prints them as literals. */
static char *written(const char *json)
{
    struct database database;
    struct error error;
    struct text sql = {0};
    cJSON *object = cJSON_Parse(json);
    sqlite3_stmt *statement;
    char *row;

    assert_true(database_open(&database, "x", &error));
    database_run(&database, "DROP TABLE IF EXISTS thing");
    text_add_string(&sql, "CREATE TABLE thing(\n");
    members_table_add_columns(columns, false, &sql);
    text_add_string(&sql, ");\n");
    database_run(&database, sql.bytes);
    text_reset(&sql);
    text_add_string(&sql, "INSERT INTO thing VALUES(");
    members_table_add_places(columns, &sql);
    text_add_char(&sql, ')');
    statement = database_prepare(&database, sql.bytes);
    members_table_bind(columns, statement, 1, object);
    database_do(&database, statement);
    sqlite3_finalize(statement);
    statement = database_prepare(
        &database, "SELECT quote(text) || ' ' || quote(words) || ' ' || quote(number) || ' ' || "
                   "quote(whole) || ' ' || quote(flag) || ' ' || quote(deep) FROM thing");
    assert_true(database_next(&database, statement));
    row = memory_text(database_text(statement, 0));
    sqlite3_finalize(statement);
    assert_true(database_commit(&database, &error));
    database_close(&database);
    cJSON_Delete(object);
    text_clear(&sql);
    return row;
}

static void test_members_are_columns(void **state)
{
    static const struct {
        const char *json, *row;
    } cases[] = {
        {"{\"text\":\"a\",\"words\":[\"b\",\"c\"],\"n\":0.5,\"whole\":7,\"flag\":true,"
         "\"inside\":{\"x\":2.5}}",
         "'a' 'b, c' 0.5 7 1 2.5"},
        {"{}", "NULL NULL NULL NULL NULL NULL"},
        {"{\"text\":\"\",\"words\":[],\"n\":null,\"whole\":null,\"flag\":null,\"inside\":null}",
         "NULL NULL NULL NULL NULL NULL"},
        {"{\"text\":1,\"words\":\"b\",\"n\":{},\"whole\":[],\"flag\":1,\"inside\":[2]}",
         "NULL NULL NULL NULL NULL NULL"},
        {"{\"words\":[1,\"b\",null],\"whole\":1e300,\"flag\":false,\"number\":3}",
         "NULL 'b' NULL NULL 0 NULL"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char *row = written(cases[i].json);

        expect_text(cases[i].json, row, cases[i].row);
        free(row);
    }
}

static void test_the_last_column_has_a_comma_where_more_follows(void **state)
{
    struct text sql = {0};

    (void)state;
    members_table_add_columns(columns, true, &sql);
    expect_part("the first", sql.bytes, "  text TEXT, -- of it\n");
    expect_part("the last", sql.bytes, "  deep REAL, -- in it\n");
    text_reset(&sql);
    members_table_add_columns(columns, false, &sql);
    expect_part("the last alone", sql.bytes, "  deep REAL -- in it\n");
    text_clear(&sql);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        in_folder(test_members_are_columns),
        cmocka_unit_test(test_the_last_column_has_a_comma_where_more_follows),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
