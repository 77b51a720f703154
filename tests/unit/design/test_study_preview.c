/* What a plan amounts to as a study: figures in a struct, which is printed elsewhere. */
#include "design/study_preview.h"

#include "report/terminal/preview.h"
#include "support.h"

/* Three rows, the first of them a warm-up, visited 0 | 1 2 | 2 1. */
static struct row rows[] = {
    {.model_name = (char[]){"w"}, .num_requests = 4, .concurrent_requests = 1, .warmup = true},
    {.model_name = (char[]){"a"}, .num_requests = 11, .concurrent_requests = 1},
    {.model_name = (char[]){"b"}, .num_requests = 4, .concurrent_requests = 4},
};
static struct visit visits[] = {{.row = 0},
                                {.row = 1, .pass = 1},
                                {.row = 2, .pass = 1},
                                {.row = 2, .pass = 2},
                                {.row = 1, .pass = 2}};

static struct preparation preparation_of(int64_t passes)
{
    return (struct preparation){
        .settings = {.order = ORDER_SHUFFLE, .passes = passes},
        .rows = {.row = rows, .count = COUNT_OF(rows)},
        .order = {.visit = visits, .count = COUNT_OF(visits), .warmups = 1, .rows = 2},
    };
}

static char *printed(const struct preview *preview)
{
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);

    preview_print(out, preview);
    fclose(out);
    return text;
}

static void test_counts_order_and_pairs(void **state)
{
    const struct preparation preparation = preparation_of(2);
    struct preview preview;
    char *text;

    (void)state;
    study_preview_of(&preparation, &preview);
    expect_text("order", preview.order.name, "shuffle");
    expect_true("drawn anew", preview.order.drawn_anew && !preview.order.at_most);
    expect_true("passes", preview.order.passes == 2);
    expect_true("visits", preview.order.visits == 5 && preview.order.warmups == 1);
    expect_true("the last", preview.order.visit[4].row == 1 && preview.order.visit[4].pass == 2);
    expect_true("rows", preview.rows == 3 && preview.measured == 2 && preview.aside[0]);
    expect_true("pairs", preview.pairs.possible == 2 && preview.pairs.self == 1);
    expect_true("from 1 to 2", preview.pairs.times[1 * 3 + 2] == 1);
    expect_true("from 2 to 1", preview.pairs.times[2 * 3 + 1] == 1);
    expect_true("from 0 to 1: after a warm-up", preview.pairs.times[0 * 3 + 1] == 0);
    /* Row 1 has 10 steady requests a visit; row 2 is one wave and shows nothing. */
    expect_number("degrees of freedom", preview.sight.df, 18);
    expect_true("blind", preview.sight.blind == 1 && preview.sight.unknown == 0);
    expect_true("visits to a row", preview.sight.visits == 2);
    expect_true("together less", preview.sight.together < preview.sight.least);
    text = printed(&preview);
    expect_part("sequence", text, "  1 | 2 3 | 3 2\n");
    expect_part("pairs", text,
                "each of the 2 ordered pairs of rows 1 time; a row after itself 1 time");
    expect_part("blind", text, "1 row show none");
    free(text);
    study_preview_clear(&preview);
}

/* Nothing of it holds where rows run beside each other, and of the order there is nothing to say
 * where rows run once as they are listed. */
static void test_leaves_out_what_says_nothing(void **state)
{
    struct preparation preparation = preparation_of(1);
    struct preview preview;
    char *text;

    (void)state;
    preparation.settings.order = ORDER_AS_LISTED;
    preparation.order.warmups = 0;
    study_preview_of(&preparation, &preview);
    expect_true("as listed", preview.as_listed && preview.order.visits == 0);
    text = printed(&preview);
    expect_true("no order", !strstr(text, "order as-listed"));
    expect_part("what is seen", text, "In 80 % of cases a visit shows a switch from");
    free(text);
    study_preview_clear(&preview);
    preparation.settings.concurrency_enabled = true;
    study_preview_of(&preparation, &preview);
    text = printed(&preview);
    expect_text("beside", text, "");
    free(text);
    study_preview_clear(&preview);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_counts_order_and_pairs),
        cmocka_unit_test(test_leaves_out_what_says_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
