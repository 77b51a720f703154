#include "stats/ends.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "wire/finish.h"

static const double share_most = 0.01;
static const char other[] = "other";

void ends_count(struct finish_counts *finish, const char *reason)
{
    size_t at = 0;

    if (!reason[0])
        return;
    while (at < finish->kinds && strcmp(finish->reason[at].reason, reason) != 0)
        at++;
    if (at == finish->kinds && at >= ENDS_KINDS_MOST && strcmp(reason, other) != 0) {
        ends_count(finish, other);
        return;
    }
    if (at == finish->kinds) {
        finish->reason = memory_resize(finish->reason, ++finish->kinds, sizeof *finish->reason);
        finish->reason[at] = (struct reason_count){.count = 0};
        snprintf(finish->reason[at].reason, sizeof finish->reason[at].reason, "%s", reason);
    }
    finish->reason[at].count++;
}

static int most_frequent_first(const void *a, const void *b)
{
    const struct reason_count *x = a, *y = b;

    if (x->count != y->count)
        return (x->count < y->count) - (x->count > y->count);
    return strcmp(x->reason, y->reason);
}

void ends_sort(struct finish_counts *finish)
{
    if (finish->kinds > 0)
        qsort(finish->reason, finish->kinds, sizeof *finish->reason, most_frequent_first);
}

static size_t sum_of(const struct finish_counts *finish, bool (*is)(const char *reason))
{
    size_t sum = 0;

    for (size_t i = 0; i < finish->kinds; i++)
        sum += is(finish->reason[i].reason) ? finish->reason[i].count : 0;
    return sum;
}

bool ends_at_length(const struct request *request, const struct figures *figures)
{
    return finish_is_early(request->finish_reason) && request->asked.output_tokens > 0 &&
           figures->value[METRIC_NUMBER_OUTPUT_TOKENS] >= (double)request->asked.output_tokens;
}

size_t ends_early(const struct step *step)
{
    size_t by_reason = sum_of(&step->finish, finish_is_early);

    return by_reason > step->stopped_at_length ? by_reason - step->stopped_at_length : 0;
}

size_t ends_filtered(const struct step *step)
{
    return sum_of(&step->finish, finish_is_filtered);
}

bool ends_otherwise(const struct step *step)
{
    return step->ignore_eos && (double)ends_early(step) > share_most * (double)step->completed;
}
