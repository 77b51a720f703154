#include "stats/grouping.h"

#include <stdlib.h>
#include <string.h>

#include "core/memory.h"

const char *const visit_paid_words[] = {"unknown", "not paid", "paid", NULL};

bool visit_measured(const struct study_visit *visit)
{
    return visit->reason == SWITCH_MEASURABLE;
}

int grouping_by_row(const struct study_visit *a, const struct study_visit *b)
{
    return row_compare(&a->step->row, &b->step->row);
}

int grouping_by_transition(const struct study_visit *a, const struct study_visit *b)
{
    if (!a->from || !b->from)
        return a->from || b->from ? (a->from ? 1 : -1) : grouping_by_row(a, b);
    return row_compare(a->from, b->from) ? row_compare(a->from, b->from) : grouping_by_row(a, b);
}

/* The batch size that a step loads: that it is judged by, or else mostly ran at; 0: not known. */
static double size_loaded(const struct step *step)
{
    if (step->measurement.batch_size > 0)
        return step->measurement.batch_size;
    if (step->batches == 0)
        return 0;
    return step->representative_batch_size > 0 ? step->representative_batch_size
                                               : step->batch[step->batches - 1].size;
}

/* What a row asks for, however its requests are sent. */
static struct row content_of(const struct row *row)
{
    struct row content = *row;

    content.num_requests = content.concurrent_requests = 0;
    content.warmup_requests = content.cooldown_requests = 0;
    content.duration_s = 0;
    row_forget_pacing(&content);
    return content;
}

/* Where no bundle file tells tiers, lengths that are alike are surely of one. */
static int by_content_and_size(const struct study_visit *a, const struct study_visit *b)
{
    double x = size_loaded(a->step), y = size_loaded(b->step);
    struct row of_a = content_of(&a->step->row), of_b = content_of(&b->step->row);

    if (x == 0 && y == 0)
        return grouping_by_row(a, b);
    return x != y ? (x > y) - (x < y) : row_compare(&of_a, &of_b);
}

int grouping_by_configuration(const struct study_visit *a, const struct study_visit *b)
{
    const char *x = a->step->configuration, *y = b->step->configuration;

    if (!x || !y)
        return x || y ? (x ? 1 : -1) : by_content_and_size(a, b);
    return strcmp(x, y);
}

struct sorting {
    const struct study_visit *visit;
    grouping_compare *compare;
};

static int by_group_then_order(const void *a, const void *b, void *context)
{
    const struct sorting *sorting = context;
    size_t x = *(const size_t *)a, y = *(const size_t *)b;
    int order = sorting->compare(&sorting->visit[x], &sorting->visit[y]);

    return order ? order : (x > y) - (x < y);
}

/* Sorts visits; each gets the first visit of its group for now. */
static void find_firsts(const struct study_visit *visit, size_t visits, grouping_compare *compare,
                        size_t *first_of)
{
    struct sorting sorting = {visit, compare};
    size_t *sorted = memory_new(visits, sizeof *sorted);

    for (size_t i = 0; i < visits; i++)
        sorted[i] = i;
    if (visits > 0)
        qsort_r(sorted, visits, sizeof *sorted, by_group_then_order, &sorting);
    for (size_t i = 0, first = 0; i < visits; i++) {
        if (compare(&visit[sorted[first]], &visit[sorted[i]]) != 0)
            first = i;
        first_of[sorted[i]] = sorted[first];
    }
    free(sorted);
}

void grouping_make(const struct study_visit *visit, size_t visits, grouping_compare *compare,
                   struct grouping *grouping)
{
    size_t *first_of = memory_new(visits, sizeof *first_of), *filled;

    *grouping = (struct grouping){.member = memory_new(visits, sizeof(size_t)),
                                  .begin = memory_new(visits + 1, sizeof(size_t)),
                                  .group_of = memory_new(visits, sizeof(size_t))};
    find_firsts(visit, visits, compare, first_of);
    for (size_t i = 0; i < visits; i++) {
        grouping->group_of[i] =
            first_of[i] == i ? grouping->groups++ : grouping->group_of[first_of[i]];
        grouping->begin[grouping->group_of[i] + 1]++;
    }
    for (size_t g = 0; g < grouping->groups; g++)
        grouping->begin[g + 1] += grouping->begin[g];
    filled = memory_new(grouping->groups, sizeof *filled);
    for (size_t i = 0; i < visits; i++) {
        size_t g = grouping->group_of[i];

        grouping->member[grouping->begin[g] + filled[g]++] = i;
    }
    free(filled);
    free(first_of);
}

void grouping_clear(struct grouping *grouping)
{
    free(grouping->member);
    free(grouping->begin);
    free(grouping->group_of);
}
