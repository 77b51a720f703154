/* Which visits belong together: by row, and by transition. */
#include "stats/grouping.h"

#include "support.h"

enum { MOST = 12, MANY = 500, MODELS = 7 };

/* Visits as letters: the row before ('?': not known), then the row, each with memory of its own, so
 * that only what they ask for can be alike. */
struct visits {
    char name[2 * MOST][2];
    struct row from[MOST];
    struct step step[MOST];
    struct study_visit visit[MOST];
    size_t count;
};

static struct row row_named(char *name, char letter)
{
    name[0] = letter;
    name[1] = '\0';
    return (struct row){.model_name = name, .num_requests = 5, .concurrent_requests = 1};
}

static void make(const char *told, struct visits *visits)
{
    visits->count = 0;
    for (; *told; told += told[2] ? 3 : 2) {
        size_t i = visits->count++;

        visits->from[i] = row_named(visits->name[2 * i], told[0]);
        visits->step[i] = (struct step){.row = row_named(visits->name[2 * i + 1], told[1])};
        visits->visit[i] = (struct study_visit){.step = &visits->step[i],
                                                .from = told[0] == '?' ? NULL : &visits->from[i]};
    }
}

/* Groups in their order, each visit a digit: "02 1". */
static char *told_groups(const struct grouping *grouping)
{
    struct text text = {0};

    for (size_t g = 0; g < grouping->groups; g++) {
        if (g > 0)
            text_add_char(&text, ' ');
        for (size_t i = grouping->begin[g]; i < grouping->begin[g + 1]; i++)
            text_add_char(&text, (char)('0' + grouping->member[i]));
    }
    text_add_string(&text, "");
    return text_take(&text);
}

static void expect_groups(const char *name, const char *told, grouping_compare *compare,
                          const char *groups)
{
    struct visits visits;
    struct grouping grouping;
    char *got;

    make(told, &visits);
    grouping_make(visits.visit, visits.count, compare, &grouping);
    got = told_groups(&grouping);
    expect_text(name, got, groups);
    for (size_t g = 0; g < grouping.groups; g++) {
        for (size_t i = grouping.begin[g]; i < grouping.begin[g + 1]; i++)
            expect_true(name, grouping.group_of[grouping.member[i]] == g);
    }
    free(got);
    grouping_clear(&grouping);
}

/* The letters run against the alphabet, so that an order by name would show. */
static void test_groups_come_by_their_first_visits_and_hold_theirs_as_they_ran(void **state)
{
    static const struct {
        const char *name, *told, *by_row, *by_transition;
    } cases[] = {
        {"one", "?a", "0", "0"},
        {"each by itself", "?c cb ba", "0 1 2", "0 1 2"},
        {"the same way again", "?b ba ab ba ab", "024 13", "0 13 24"},
        {"a row from several others", "?c ca ab bc cb ba", "03 15 24", "0 1 2 3 4 5"},
        {"after itself", "?a aa aa", "012", "0 12"},
        {"there is not back again", "ab ba ab", "02 1", "02 1"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        expect_groups(cases[i].name, cases[i].told, grouping_by_row, cases[i].by_row);
        expect_groups(cases[i].name, cases[i].told, grouping_by_transition, cases[i].by_transition);
    }
}

/* Two runs begin with the same row, and a step in between did not complete. */
static void test_an_unknown_row_before_is_one_of_its_own(void **state)
{
    (void)state;
    expect_groups("alike", "?a ab ?a ab", grouping_by_transition, "02 13");
    expect_groups("unlike what is known", "?b ab ?b", grouping_by_transition, "02 1");
    expect_groups("to different rows", "?b ?a ?b", grouping_by_transition, "02 1");
    expect_groups("of no weight for the row", "?b ab ?b", grouping_by_row, "012");
}

/* Where a row stands in its file says nothing; each number it asks for does. */
static void test_rows_are_alike_by_what_they_ask_for(void **state)
{
    static char set[] = "d.jsonl";
    static const struct {
        const char *name;
        struct row row; /* its model is set below */
        bool alike;
    } cases[] = {
        {"same", {.num_requests = 5, .concurrent_requests = 1}, true},
        {"another line", {.num_requests = 5, .concurrent_requests = 1, .line = 9}, true},
        {"input", {.num_requests = 5, .concurrent_requests = 1, .input_tokens = 1}, false},
        {"output", {.num_requests = 5, .concurrent_requests = 1, .output_tokens = 1}, false},
        {"requests", {.num_requests = 6, .concurrent_requests = 1}, false},
        {"concurrency", {.num_requests = 5, .concurrent_requests = 2}, false},
        {"open loop", {.num_requests = 5, .qps = 1}, false},
        {"image",
         {.num_requests = 5, .concurrent_requests = 1, .multimodal_img_size = ROW_LARGE},
         false},
        {"data set", {.num_requests = 5, .concurrent_requests = 1, .dataset = set}, false},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct visits visits;
        struct grouping grouping;
        grouping_compare *by[] = {grouping_by_row, grouping_by_transition};

        /* once as the row itself, once as the one before */
        for (size_t k = 0; k < 2; k++) {
            struct row *changed;

            make("aa aa", &visits);
            changed = k == 0 ? &visits.step[1].row : &visits.from[1];
            *changed = cases[i].row;
            changed->model_name = visits.name[0];
            grouping_make(visits.visit, 2, by[k], &grouping);
            expect_true(cases[i].name, grouping.groups == (cases[i].alike ? 1 : 2));
            grouping_clear(&grouping);
        }
    }
}

/* Against each pair's own answer: begin and member are a partition, whatever the sorting did. */
static void test_many_visits_are_parted_as_each_pair_says(void **state)
{
    struct step *step = memory_new(MANY, sizeof *step);
    struct study_visit *visit = memory_new(MANY, sizeof *visit);
    static char name[MODELS][2];
    struct grouping grouping;

    (void)state;
    for (size_t i = 0; i < MANY; i++) {
        size_t m = i * i * 5 % 11 % MODELS;

        step[i].row = row_named(name[m], (char)('a' + m));
        visit[i] = (struct study_visit){.step = &step[i], .from = i % 13 ? &step[i - 1].row : NULL};
    }
    grouping_make(visit, MANY, grouping_by_transition, &grouping);
    assert_int_equal(grouping.begin[0], 0);
    assert_int_equal(grouping.begin[grouping.groups], MANY);
    for (size_t g = 0, first = 0; g < grouping.groups; g++) {
        size_t begin = grouping.begin[g];

        assert_true(begin < grouping.begin[g + 1]);
        assert_true(g == 0 || grouping.member[begin] > first);
        first = grouping.member[begin];
        for (size_t i = begin + 1; i < grouping.begin[g + 1]; i++)
            assert_true(grouping.member[i - 1] < grouping.member[i]);
    }
    for (size_t i = 0; i < MANY; i++) {
        for (size_t k = 0; k < i; k++) {
            int order = grouping_by_transition(&visit[i], &visit[k]);

            assert_true((order == 0) == (grouping.group_of[i] == grouping.group_of[k]));
            assert_int_equal((order > 0) - (order < 0),
                             (grouping_by_transition(&visit[k], &visit[i]) < 0) -
                                 (grouping_by_transition(&visit[k], &visit[i]) > 0));
        }
    }
    grouping_clear(&grouping);
    free(visit);
    free(step);
}

/* Without a bundle file: what is asked for and the batch size that it runs at. */
static void test_rows_load_alike_by_their_lengths_and_batch_sizes(void **state)
{
    static struct batch_count ran[] = {{1, 3}, {4, 3}};
    static char first[] = "m-4k-BS1", second[] = "m-4k-BS4";
    static const struct {
        const char *name;
        struct step a, b; /* their model is set below */
        bool alike;
    } cases[] = {
        {"other numbers of one load",
         {.row = {.num_requests = 1, .concurrent_requests = 1}, .measurement.batch_size = 1},
         {.row = {.num_requests = 5, .qps = 2}, .measurement.batch_size = 1},
         true},
        {"another batch size", {.measurement.batch_size = 1}, {.measurement.batch_size = 4}, false},
        {"another length",
         {.row.input_tokens = 1, .measurement.batch_size = 1},
         {.row.input_tokens = 2, .measurement.batch_size = 1},
         false},
        {"what it mostly ran at, where it is not judged",
         {.measurement.batch_size = 1},
         {.measurement.batch_size = NAN,
          .batch = ran,
          .batches = 2,
          .representative_batch_size = 1},
         true},
        {"or the largest",
         {.measurement.batch_size = 4},
         {.batch = ran, .batches = 2, .representative_batch_size = NAN},
         true},
        {"where no size is known, the row",
         {.row.num_requests = 1, .measurement.batch_size = NAN},
         {.row.num_requests = 5, .measurement.batch_size = NAN},
         false},
        {"of one row", {.row.num_requests = 5}, {.row.num_requests = 5}, true},
        {"one known, one not",
         {.measurement.batch_size = 1},
         {.measurement.batch_size = NAN},
         false},
        {"the bundle file's word is the last",
         {.measurement.batch_size = 1, .configuration = first},
         {.measurement.batch_size = 1, .configuration = second},
         false},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        static char model[] = "m";
        struct step a = cases[i].a, b = cases[i].b;
        const struct study_visit x = {.step = &a}, y = {.step = &b};
        int order;

        a.row.model_name = b.row.model_name = model;
        order = grouping_by_configuration(&x, &y);
        expect_true(cases[i].name, (order == 0) == cases[i].alike);
        expect_true(cases[i].name, (order > 0) == (grouping_by_configuration(&y, &x) < 0));
    }
}

static void test_no_visits_are_no_groups(void **state)
{
    struct grouping grouping;

    (void)state;
    grouping_make(NULL, 0, grouping_by_row, &grouping);
    assert_int_equal(grouping.groups, 0);
    assert_int_equal(grouping.begin[0], 0);
    grouping_clear(&grouping);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_groups_come_by_their_first_visits_and_hold_theirs_as_they_ran),
        cmocka_unit_test(test_an_unknown_row_before_is_one_of_its_own),
        cmocka_unit_test(test_rows_are_alike_by_what_they_ask_for),
        cmocka_unit_test(test_many_visits_are_parted_as_each_pair_says),
        cmocka_unit_test(test_rows_load_alike_by_their_lengths_and_batch_sizes),
        cmocka_unit_test(test_no_visits_are_no_groups),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
