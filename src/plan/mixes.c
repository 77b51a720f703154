#include "plan/mixes.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "core/text.h"

enum { NAME_MOST = 80 };

const char mixes_name_wanted[] =
    "a name of up to 80 bytes of UTF-8 without 'summary' and 'individual_responses', since it "
    "stands in a file's name";

bool mixes_may_name(const char *name)
{
    const char *at = name;

    while (*at && text_utf8_length(at))
        at += text_utf8_length(at);
    return !*at && strlen(name) <= NAME_MOST && !strcasestr(name, "summary") &&
           !strcasestr(name, "individual_responses") && !strcasestr(name, "individual-responses");
}

static int by_name_then_line(const void *a, const void *b)
{
    const struct row *x = *(const struct row *const *)a;
    const struct row *y = *(const struct row *const *)b;
    int order = strcmp(x->mix, y->mix);

    return order ? order : (x > y) - (x < y); /* in one array */
}

/* The members of mixes, each mix's one behind another, for the caller to free. */
static const struct row **sort_members(const struct rows *rows, size_t *count)
{
    const struct row **sorted = memory_new(rows->count, sizeof *sorted);

    *count = 0;
    for (size_t i = 0; i < rows->count; i++) {
        if (rows->row[i].mix)
            sorted[(*count)++] = &rows->row[i];
    }
    if (*count > 0)
        qsort(sorted, *count, sizeof *sorted, by_name_then_line);
    return sorted;
}

void mixes_find(const struct rows *rows, struct mixes *mixes)
{
    size_t count, first = 0;
    const struct row **sorted = sort_members(rows, &count);

    *mixes = (struct mixes){memory_new(rows->count, sizeof *mixes->members),
                            memory_new(rows->count, sizeof *mixes->next)};
    for (size_t i = 0; i < rows->count; i++) {
        mixes->members[i] = rows->row[i].mix ? 0 : 1;
        mixes->next[i] = rows->count;
    }
    for (size_t i = 0; i < count; i++) {
        if (i > 0 && row_same_mix(sorted[i - 1], sorted[i]))
            mixes->next[sorted[i - 1] - rows->row] = (size_t)(sorted[i] - rows->row);
        else
            first = (size_t)(sorted[i] - rows->row);
        mixes->members[first]++;
    }
    free(sorted);
}

void mixes_clear(struct mixes *mixes)
{
    free(mixes->members);
    free(mixes->next);
    *mixes = (struct mixes){0};
}

/* Whether the first member has what all share, and the others have none of it. */
static void check_share(const struct row *first, const struct row *row, const char *file,
                        struct faults *faults)
{
    bool own = row->concurrent_requests > 0 || row->num_requests > 0 || row->duration_s > 0;

    if ((row->share > 0) != (first->share > 0))
        faults_add(faults, file, row->line,
                   "share: line %d of mix '%s' has %s, and this row has %s; give all members a "
                   "share, or none",
                   first->line, row->mix, first->share > 0 ? "one" : "none",
                   row->share > 0 ? "one" : "none");
    else if (row->share > 0 && row != first && own)
        faults_add(faults, file, row->line,
                   "share: concurrent_requests, num_requests and duration_s stand in line %d, for "
                   "all members of mix '%s'; leave them empty here",
                   first->line, row->mix);
    if (row->share > 0 && (row->warmup_requests > 0 || row->cooldown_requests > 0))
        faults_add(faults, file, row->line,
                   "share: leave warmup_requests and cooldown_requests empty; the mix's requests "
                   "are drawn by share from the first to the last");
}

/* Of a mix whose members share their places. */
static void check_first(const struct row *first, const char *file, struct faults *faults)
{
    if (first->concurrent_requests == 0)
        faults_add(faults, file, first->line,
                   "share: is for closed loop; set concurrent_requests in this row, the first of "
                   "mix '%s', for all of its members",
                   first->mix);
    if (first->num_requests == 0 && !(first->duration_s > 0))
        faults_add(faults, file, first->line,
                   "share: set num_requests or duration_s in this row, the first of mix '%s', for "
                   "all of its members",
                   first->mix);
}

/* One mix from its first member on. */
static void check(const struct rows *rows, const struct mixes *mixes, size_t first,
                  const char *file, struct faults *faults)
{
    bool open = rows->row[first].concurrent_requests == 0;

    if (rows->row[first].share > 0)
        check_first(&rows->row[first], file, faults);
    for (size_t i = first; i < rows->count; i = mixes->next[i]) {
        const struct row *row = &rows->row[i];

        if (row->warmup)
            faults_add(faults, file, row->line,
                       "mix: a warm-up row runs alone; leave 'warmup' empty, or take the row out "
                       "of mix '%s' (warmup_requests warms up its members)",
                       row->mix);
        check_share(&rows->row[first], row, file, faults);
        if (row->share == 0 && (row->concurrent_requests == 0) != open)
            faults_add(faults, file, row->line,
                       "mix: line %d of mix '%s' sends by %s, and this row by %s; give all members "
                       "qps, or all concurrent_requests",
                       rows->row[first].line, row->mix, open ? "qps" : "concurrent_requests",
                       open ? "concurrent_requests" : "qps");
    }
}

void mixes_check(const struct rows *rows, const char *file, struct faults *faults)
{
    struct mixes mixes;

    mixes_find(rows, &mixes);
    for (size_t i = 0; i < rows->count; i++) {
        if (!rows->row[i].mix && rows->row[i].share > 0)
            faults_add(faults, file, rows->row[i].line,
                       "share: is for rows of a mix; name the mix in this row, or leave it empty");
        if (rows->row[i].mix && mixes.members[i] > 0)
            check(rows, &mixes, i, file, faults);
    }
    mixes_clear(&mixes);
}

static void share_out(struct rows *rows, const struct mixes *mixes, size_t first)
{
    const struct row asked = rows->row[first];
    double sum = 0;

    for (size_t i = first; i < rows->count; i = mixes->next[i])
        sum += rows->row[i].share;
    for (size_t i = first; i < rows->count; i = mixes->next[i]) {
        struct row *row = &rows->row[i];

        row->share /= sum;
        row->concurrent_requests = asked.concurrent_requests;
        row->duration_s = asked.duration_s;
        row->mix_requests = asked.num_requests;
        row->num_requests = llround(row->share * (double)asked.num_requests);
        if (asked.num_requests > 0 && row->num_requests == 0)
            row->num_requests = 1;
    }
}

void mixes_share_out(struct rows *rows)
{
    struct mixes mixes;

    mixes_find(rows, &mixes);
    for (size_t i = 0; i < rows->count; i++) {
        if (rows->row[i].mix && mixes.members[i] > 0 && rows->row[i].share > 0)
            share_out(rows, &mixes, i);
    }
    mixes_clear(&mixes);
}

void mixes_check_settings(const struct rows *rows, const struct settings *settings,
                          struct faults *faults)
{
    size_t first = 0;

    while (first < rows->count && !rows->row[first].mix)
        first++;
    if (first == rows->count)
        return;
    if (settings->concurrency_enabled)
        faults_add(faults, settings->model_configs_path, rows->row[first].line,
                   "mix: mix '%s' runs alone; leave out concurrency_enabled, or the column mix",
                   rows->row[first].mix);
    if (settings->probe.steady > 0)
        faults_add(faults, settings->model_configs_path, rows->row[first].line,
                   "mix: a probe needs its row to run alone; set probe.steady to 0, or take the "
                   "rows of mix '%s' out of it",
                   rows->row[first].mix);
}
