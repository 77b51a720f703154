/* An SQLite file in one transaction: what stays, what is taken back, and what is said of it. */
#include "store/index/database.h"

#include <sys/stat.h>

#include "support.h"

static void make(const char *path, const char *sql)
{
    struct database database;
    struct error error;

    assert_true(database_open(&database, path, &error));
    database_run(&database, sql);
    assert_true(database_commit(&database, &error));
    database_close(&database);
}

static int64_t ask(const char *path, const char *sql)
{
    struct database database;
    struct error error;
    int64_t number;

    assert_true(database_open_to_read(&database, path, &error));
    number = database_number(&database, sql);
    assert_false(database.failed);
    database_close(&database);
    return number;
}

static void test_what_is_committed_stays_and_nothing_else(void **state)
{
    struct database database;
    struct error error;

    (void)state;
    make("x.sqlite", "CREATE TABLE t(a); INSERT INTO t VALUES(1)");
    assert_true(database_open(&database, "x.sqlite", &error));
    database_run(&database, "INSERT INTO t VALUES(2)");
    database_close(&database);
    assert_int_equal(ask("x.sqlite", "SELECT count(*) FROM t"), 1);
}

static void test_the_first_failure_is_kept_and_nothing_follows_it(void **state)
{
    struct database database;
    struct error error;
    sqlite3_stmt *statement;

    (void)state;
    make("x.sqlite", "CREATE TABLE t(a)");
    assert_true(database_open(&database, "x.sqlite", &error));
    database_run(&database, "INSERT INTO nowhere VALUES(1)");
    database_fail(&database, "too late");
    database_run(&database, "INSERT INTO t VALUES(1)");
    statement = database_prepare(&database, "SELECT a FROM t");
    assert_null(statement);
    database_bind_text(statement, 1, "x");
    database_bind_number(statement, 1, 1);
    assert_false(database_next(&database, statement));
    assert_int_equal(database_number(&database, "SELECT 5"), 0);
    assert_false(database_commit(&database, &error));
    expect_text("why", error.text, "x.sqlite: no such table: nowhere");
    database_close(&database);
    assert_int_equal(ask("x.sqlite", "SELECT count(*) FROM t"), 0);
}

/* A database that may not grow stands for a disk that is full: SQLite says the same of both. */
static void test_a_full_disk_is_one_sentence_and_takes_all_back(void **state)
{
    struct database database;
    struct error error;

    (void)state;
    make("x.sqlite", "CREATE TABLE t(a); INSERT INTO t VALUES(1)");
    assert_true(database_open(&database, "x.sqlite", &error));
    database_run(&database, "PRAGMA max_page_count = 3");
    database_run(&database, "INSERT INTO t VALUES(2); INSERT INTO t VALUES(zeroblob(100000))");
    assert_false(database_commit(&database, &error));
    expect_text("why", error.text, "x.sqlite: cannot be written: the disk is full");
    database_close(&database);
    assert_int_equal(ask("x.sqlite", "SELECT count(*) FROM t"), 1);
}

static void test_what_is_no_database_is_told_and_stays_as_it_is(void **state)
{
    static const struct {
        const char *name, *content, *why;
    } cases[] = {
        {"text", "hello", "x: is no SQLite database; name another file with --output"},
        {"SQLite's first words", "SQLite format 3\0 and then not", /* to its NUL */
         "x: is no SQLite database; name another file with --output"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct database database;
        struct error error;
        char *after;

        support_write("x", cases[i].content);
        expect_true(cases[i].name, !database_open(&database, "x", &error));
        database_run(&database, "CREATE TABLE t(a)");
        expect_text(cases[i].name, error.text, cases[i].why);
        database_close(&database);
        after = support_read("x");
        expect_text(cases[i].name, after, cases[i].content);
        free(after);
    }
}

static void test_what_is_no_file_is_not_waited_for(void **state)
{
    struct database database = {0};
    struct error error;

    (void)state;
    assert_int_equal(mkfifo("pipe", 0600), 0);
    assert_false(database_open(&database, "pipe", &error));
    expect_text("FIFO", error.text, "pipe: is not a regular file, as an index must be");
    assert_false(database_open(&database, ".", &error));
    assert_false(database_open_to_read(&database, "missing", &error));
    expect_text("missing", error.text, "missing: cannot be opened: No such file or directory");
    assert_false(database_open(&database, "no/folder/x", &error));
    expect_text("no folder", error.text,
                "no/folder/x: cannot be written: No such file or directory; name another file with "
                "--output");
    database_close(&database);
}

static void test_values_that_are_not_known_are_null_and_texts_are_text(void **state)
{
    struct database database;
    struct error error;
    sqlite3_stmt *statement;

    (void)state;
    assert_true(database_open(&database, "x", &error));
    statement = database_prepare(&database, "SELECT ?1 IS NULL, ?2 IS NULL, ?3, ?4, ?5 IS NULL");
    database_bind_number(statement, 1, NAN);
    database_bind_number(statement, 2, INFINITY);
    database_bind_number(statement, 3, 0.1);
    database_bind_text(statement, 4, "a\xff\x01z");
    database_bind_text(statement, 5, NULL);
    assert_true(database_next(&database, statement));
    assert_int_equal(sqlite3_column_int(statement, 0), 1);
    assert_int_equal(sqlite3_column_int(statement, 1), 1);
    assert_true(sqlite3_column_double(statement, 2) == 0.1);
    expect_text("no UTF-8", database_text(statement, 3), "a??z");
    assert_int_equal(sqlite3_column_int(statement, 4), 1);
    assert_false(database_next(&database, statement));
    sqlite3_finalize(statement);
    database_close(&database);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        in_folder(test_what_is_committed_stays_and_nothing_else),
        in_folder(test_the_first_failure_is_kept_and_nothing_follows_it),
        in_folder(test_a_full_disk_is_one_sentence_and_takes_all_back),
        in_folder(test_what_is_no_database_is_told_and_stays_as_it_is),
        in_folder(test_what_is_no_file_is_not_waited_for),
        in_folder(test_values_that_are_not_known_are_null_and_texts_are_text),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
