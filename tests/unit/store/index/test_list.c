/* The list of an index's runs: which are on it, in which order, and page by page. */
#include "store/index/list.h"

#include "store/index/schema.h"
#include "support.h"

static const char runs[] =
    "INSERT INTO run(id, path, name, state, started_utc, measurement_verdict, steps, steps_planned,"
    " num_requests_started, num_completed_requests, number_errors) VALUES"
    " ('1', 'day/old', 'old', 'done', '2026-01-01', 'valid', 2, 3, 9, 8, 1),"
    " ('2', 'kit', 'kit', 'done', NULL, NULL, 0, 0, 0, 0, 0),"
    " ('3', '50%_off', '50%_off', 'running', '2026-01-03', 'invalid: client-limited', 1, 1, 5, 5, "
    "0),"
    " ('4', 'b', 'b', 'done', '2026-01-02', 'degraded', 1, 1, 5, 5, 0),"
    " ('5', 'a', 'a', 'done', '2026-01-02', 'valid', 1, 1, 5, 5, 0);"
    "INSERT INTO label VALUES ('1', 'release', '1.0'), ('1', 'node', 'sn-7'),"
    " ('4', 'release', '2.0'), ('5', 'release', 'a=b');"
    "INSERT INTO step(run, row, model) VALUES ('1', 'x', 'Zephyr'), ('1', 'y', 'gpt-oss-120b'),"
    " ('1', 'z', 'Zephyr'), ('3', 'x', 'gpt-oss-120b-fast');";

static void make(void)
{
    struct database database;
    struct error error;

    assert_true(database_open(&database, "x", &error));
    schema_settle(&database, false, false);
    database_run(&database, runs);
    if (!database_commit(&database, &error))
        fail_msg("%s", error.text);
    database_close(&database);
}

/* The IDs on the page, and how many there are on all. */
static char *listed(const struct index_wanted *wanted)
{
    struct index_list list;
    struct error error;
    struct text text = {0};

    if (!index_list_read("x", wanted, &list, &error))
        fail_msg("%s", error.text);
    for (size_t i = 0; i < list.count; i++)
        text_add_string(&text, list.run[i].id);
    text_printf(&text, " of %zu", list.total);
    index_list_clear(&list);
    return text_take(&text);
}

static void test_runs_come_newest_first_as_far_as_they_are_wanted(void **state)
{
    static const struct {
        struct index_wanted wanted;
        const char *listed;
    } cases[] = {
        {{0}, "35412 of 5"},
        {{.search = "DAY"}, "1 of 1"},
        {{.search = "SN-"}, "1 of 1"},
        {{.search = "Gpt-oss"}, "31 of 2"},
        {{.search = "%_"}, "3 of 1"},
        {{.search = "nowhere"}, " of 0"},
        {{.label = "release"}, "541 of 3"},
        {{.label = "release=2.0"}, "4 of 1"},
        {{.label = "release=a=b"}, "5 of 1"},
        {{.label = "release="}, " of 0"},
        {{.label = "2.0"}, " of 0"},
        {{.model = "gpt-oss-120b"}, "1 of 1"},
        {{.verdict = "invalid"}, "3 of 1"},
        {{.verdict = "valid"}, "51 of 2"},
        {{.verdict = "valid", .label = "release=1.0", .search = "zephyr"}, "1 of 1"},
        {{.per_page = 2}, "35 of 5"},
        {{.per_page = 2, .page = 1}, "35 of 5"},
        {{.per_page = 2, .page = 3}, "2 of 5"},
        {{.per_page = 2, .page = 4}, " of 5"},
        {{.per_page = 2, .page = SIZE_MAX}, " of 5"},
        {{.page = 2}, " of 5"},
        {{.search = "'; DROP TABLE run; --"}, " of 0"},
    };

    (void)state;
    make();
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char *text = listed(&cases[i].wanted);

        expect_text(cases[i].listed, text, cases[i].listed);
        free(text);
    }
}

static void test_a_run_is_listed_with_what_is_known_of_it(void **state)
{
    const struct index_wanted wanted = {.search = "day"}, other = {.search = "kit"};
    struct index_list list;
    struct error error;

    (void)state;
    make();
    assert_true(index_list_read("x", &wanted, &list, &error));
    assert_int_equal(list.count, 1);
    expect_text("path", list.run->path, "day/old");
    expect_text("state", list.run->state, "done");
    expect_text("models, each once", list.run->models, "Zephyr, gpt-oss-120b");
    expect_text("labels", list.run->labels, "node=sn-7, release=1.0");
    assert_int_equal(list.run->steps, 2);
    assert_int_equal(list.run->steps_planned, 3);
    assert_int_equal(list.run->num_requests_started, 9);
    assert_int_equal(list.run->num_completed_requests, 8);
    assert_int_equal(list.run->number_errors, 1);
    index_list_clear(&list);
    assert_true(index_list_read("x", &other, &list, &error));
    expect_text("no start", list.run->started_utc, "");
    expect_text("no model", list.run->models, "");
    index_list_clear(&list);
}

static void test_what_is_no_index_is_told(void **state)
{
    const struct index_wanted wanted = {0};
    struct index_list list;
    struct error error;

    (void)state;
    assert_false(index_list_read("x", &wanted, &list, &error));
    expect_text("not there", error.text, "x: cannot be opened: No such file or directory");
    index_list_clear(&list);
    support_write("x", "");
    assert_false(index_list_read("x", &wanted, &list, &error));
    expect_text("empty", error.text, "x: is no index of this version; run 'coebench index'");
    index_list_clear(&list);
    support_write("x", "text");
    assert_false(index_list_read("x", &wanted, &list, &error));
    expect_text("text", error.text, "x: is no SQLite database; name another file with --output");
    index_list_clear(&list);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        in_folder(test_runs_come_newest_first_as_far_as_they_are_wanted),
        in_folder(test_a_run_is_listed_with_what_is_known_of_it),
        in_folder(test_what_is_no_index_is_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
