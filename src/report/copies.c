#include "report/copies.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "core/memory.h"
#include "store/name.h"
#include "store/step_figures.h"

enum { MARK = STEP_FIGURES }; /* and of a UUID */

/* What identifies a run, or a part of it: a step's UUID, or the run's folder. */
struct mark {
    char text[MARK + 1];
    size_t run;
    size_t group; /* of equal ones */
};

struct marks {
    struct mark *mark;
    size_t count;
};

static struct mark *add(struct marks *marks, size_t run)
{
    marks->mark = memory_grow(marks->mark, marks->count, sizeof *marks->mark);
    marks->mark[marks->count] = (struct mark){.run = run};
    return &marks->mark[marks->count++];
}

/* Device and inode. */
static void add_folder(struct marks *marks, const char *folder, size_t run)
{
    struct stat about;

    if (stat(folder, &about) == 0)
        snprintf(add(marks, run)->text, MARK + 1, "%llx:%llx", (unsigned long long)about.st_dev,
                 (unsigned long long)about.st_ino);
}

static void add_run(struct marks *marks, const struct results *results, size_t run)
{
    add_folder(marks, results->folder, run);
    for (size_t i = 0; i < results->count; i++) {
        const char *uuid = name_uuid(results->step[i].name);

        if (uuid)
            memcpy(add(marks, run)->text, uuid, NAME_UUID);
        else
            step_figures_digest(&results->step[i], add(marks, run)->text);
    }
}

static int by_text(const void *a, const void *b)
{
    return strcasecmp(((const struct mark *)a)->text, ((const struct mark *)b)->text);
}

static int by_run(const void *a, const void *b)
{
    const struct mark *x = a, *y = b;

    return (x->run > y->run) - (x->run < y->run);
}

/* Numbers groups of equal marks; how many there are. */
static size_t group(struct marks *marks)
{
    size_t groups = 0;

    if (marks->count > 0)
        qsort(marks->mark, marks->count, sizeof *marks->mark, by_text);
    for (size_t i = 0; i < marks->count; i++) {
        groups += i == 0 || by_text(&marks->mark[i - 1], &marks->mark[i]) != 0;
        marks->mark[i].group = groups - 1;
    }
    if (marks->count > 0)
        qsort(marks->mark, marks->count, sizeof *marks->mark, by_run);
    return groups;
}

void copies_find(const struct results *const *runs, size_t count, size_t *of)
{
    struct marks marks = {0};
    size_t groups, *first, begin, end;

    for (size_t i = 0; i < count; i++)
        add_run(&marks, runs[i], i);
    groups = group(&marks);
    first = memory_new(groups, sizeof *first);
    for (size_t i = 0; i < groups; i++)
        first[i] = SIZE_MAX;
    begin = 0;
    for (size_t i = 0; i < count; i++) {
        of[i] = SIZE_MAX;
        for (end = begin; end < marks.count && marks.mark[end].run == i; end++) {
            if (first[marks.mark[end].group] < of[i])
                of[i] = first[marks.mark[end].group];
        }
        for (; begin < end; begin++) {
            /* A run's own marks may repeat; a copy's point at nothing. */
            if (of[i] == SIZE_MAX)
                first[marks.mark[begin].group] = i;
        }
    }
    free(first);
    free(marks.mark);
}
