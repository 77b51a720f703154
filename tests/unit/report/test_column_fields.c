/* Each number of a step stands in the column of its own name. */
#include "numbered.h"
#include "report/column.h"
#include "support.h"

/* What a column of a metric holds: its name ends with the statistic, and lacks "_per_request". */
static double metric_number(const char *column)
{
    static const struct {
        const char *name;
        size_t statistic;
    } statistics[] = {{"p50", 2}, {"mean", 7}, {"min", 8}, {"max", 9}};
    char with[160], without[160];

    for (size_t i = 0; i < METRIC_COUNT; i++) {
        for (size_t k = 0; k < COUNT_OF(statistics); k++) {
            const char *key = metric_table[i].key, *end = strstr(key, "_per_request");
            int length = end ? (int)(end - key) : (int)strlen(key);

            snprintf(with, sizeof with, "%s_%s", key, statistics[k].name);
            snprintf(without, sizeof without, "%.*s_%s", length, key, statistics[k].name);
            if (strcmp(column, without) == 0 || strcmp(column, with) == 0)
                return numbered_statistic(i, statistics[k].statistic);
        }
    }
    for (size_t i = 0; i < STEP_WINDOW_METRICS; i++) {
        for (size_t k = 0; k < COUNT_OF(statistics); k++) {
            snprintf(with, sizeof with, "window_%s_%s", metric_table[step_window_metrics[i]].key,
                     statistics[k].name);
            if (strcmp(column, with) == 0)
                return numbered_window(i, statistics[k].statistic);
        }
    }
    return NAN;
}

static double number_of(const char *column)
{
    for (size_t i = 0; i < NUMBERED_FIELDS; i++) {
        if (numbered_fields[i].column && strcmp(numbered_fields[i].column, column) == 0)
            return numbered_value(i);
    }
    return metric_number(column);
}

/* Every column with a number has a line in numbered.h, or is a metric's. */
static void test_each_number_has_a_column_of_its_own_name(void **state)
{
    struct step step = numbered_step();
    size_t fields = 0;
    char name[160];

    (void)state;
    for (size_t i = 0; i < column_count(); i++) {
        struct cell cell = column_cell(i, &step);

        column_name(i, name, sizeof name);
        if (cell.kind == CELL_NUMBER)
            expect_number(name, cell.number, number_of(name));
        fields += cell.kind == CELL_NUMBER && isnan(metric_number(name));
    }
    for (size_t i = 0; i < NUMBERED_FIELDS; i++)
        fields -= numbered_fields[i].column != NULL;
    assert_int_equal(fields, 0);
    step_clear(&step);
}

/* An open loop has a rate in place of a concurrency. */
static void test_a_rate_stands_in_place_of_a_concurrency(void **state)
{
    struct step step = numbered_step();
    size_t seen = 0;
    char name[160];

    (void)state;
    step.row.concurrent_requests = 0;
    step.row.qps = 0.125;
    for (size_t i = 0; i < column_count(); i++) {
        struct cell cell = column_cell(i, &step);

        column_name(i, name, sizeof name);
        if (strcmp(name, "qps") == 0)
            expect_number(name, cell.number, 0.125);
        expect_true(name, strcmp(name, "num_concurrent_requests") != 0 || cell.kind == CELL_EMPTY);
        seen += strcmp(name, "qps") == 0;
    }
    assert_int_equal(seen, 1);
    step_clear(&step);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_number_has_a_column_of_its_own_name),
        cmocka_unit_test(test_a_rate_stands_in_place_of_a_concurrency),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
