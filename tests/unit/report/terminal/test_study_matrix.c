/* The matrix where names, or all columns beside each other, do not fit. */
#include "report/terminal/study_matrix.h"

#include "report/terminal/terminal.h"
#include "report/terminal/width.h"
#include "support.h"

enum { MOST = 50 };

static char name[] = "Meta-Llama-3.3-70B-Instruct";

/* Of `rows` rows, each visited from the one before it. */
static char *printed(size_t rows)
{
    struct row *row = memory_new(MOST, sizeof *row);
    struct study_group *to = memory_new(MOST, sizeof *to);
    struct study_group *transition = memory_new(MOST, sizeof *transition);
    const struct study study = {
        .row = to, .rows = rows, .transition = transition, .transitions = rows};
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);

    for (size_t i = 0; i < rows; i++) {
        row[i] = (struct row){.model_name = name, .input_tokens = (int64_t)i + 1};
        to[i].to = &row[i];
        transition[i] = (struct study_group){
            .from = i > 0 ? &row[i - 1] : NULL,
            .to = &row[i],
            .cost = {.visits = 13, .paid = 11, .not_paid = 1, .unknown = 1, .cost_s = 1.5}};
    }
    study_matrix(out, &study);
    fclose(out);
    free(row);
    free(to);
    free(transition);
    return text;
}

static int widest(char *text)
{
    int most = 0;

    for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n"))
        most = width_of(line) > most ? width_of(line) : most;
    return most;
}

static size_t times(const char *text, const char *part)
{
    size_t count = 0;

    for (; (text = strstr(text, part)); text += strlen(part))
        count++;
    return count;
}

/* However many rows there are, each transition stands there, within 80 columns. */
static void test_every_cell_stands_within_80_columns(void **state)
{
    (void)state;
    for (size_t rows = 1; rows <= 40; rows++) {
        char *text = printed(rows);

        assert_int_equal(times(text, "11/12"), rows - 1);
        assert_int_equal(times(text, "1500"), rows - 1);
        if (widest(text) > 80)
            fail_msg("%zu rows are too wide", rows);
        free(text);
    }
}

static void test_names_are_left_out_before_columns_stand_beneath_each_other(void **state)
{
    char *few = printed(5), *some = printed(12), *many = printed(13);

    (void)state;
    expect_part("name beside the number", few, "   5  Meta-Llama-3.3-70B");
    expect_part("name above", few, "Llama-");
    assert_null(strstr(some, "Llama"));
    assert_int_equal(times(some, "\n\n"), 0);
    assert_int_equal(times(many, "\n\n"), 1);
    free(few);
    free(some);
    free(many);
}

static void test_of_too_many_rows_it_says_where_the_matrix_is(void **state)
{
    char *text = printed(41), *none = printed(0);

    (void)state;
    expect_text("too many", text,
                "\nThe matrix of 41 rows is in switching.json (--json) and the workbook.\n");
    expect_text("none", none, "");
    free(text);
    free(none);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_cell_stands_within_80_columns),
        cmocka_unit_test(test_names_are_left_out_before_columns_stand_beneath_each_other),
        cmocka_unit_test(test_of_too_many_rows_it_says_where_the_matrix_is),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
