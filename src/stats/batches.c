#include "stats/batches.h"

#include <math.h>
#include <stdlib.h>

#include "core/clock.h"
#include "core/memory.h"
#include "core/spill.h"
#include "stats/waves.h"

/* First tokens of one batch come at once; what parts them is how long they take to the client. */
static const double apart_share = 0.5; /* of the TTFT */

/* --- Groups ----------------------------------------------------------------------------------- */

/* A batch while requests join it. */
struct group {
    const struct batch_member *first;
    size_t members;
    int64_t earliest_done_ns;
};

/* A server may send any number, and each distinct one costs a pass over the row. */
static double batch_size_of(double reported)
{
    return reported >= 1 && reported <= BATCHES_SIZE_MOST && reported == floor(reported) ? reported
                                                                                         : NAN;
}

struct batch_member batches_member(const struct outcome *outcome)
{
    const double *value = outcome->figures.value;
    int64_t sent_ns = waves_sent_ns(outcome);
    double ttft_s = isnan(value[METRIC_CLIENT_TTFT_FROM_SENT_S])
                        ? value[METRIC_CLIENT_TTFT_S]
                        : value[METRIC_CLIENT_TTFT_FROM_SENT_S];

    return (struct batch_member){.sent_ns = sent_ns,
                                 .done_ns = outcome->done_ns,
                                 .first_token_s = (double)sent_ns / (double)CLOCK_NS_PER_S + ttft_s,
                                 .reported = batch_size_of(value[METRIC_BATCH_SIZE_USED]),
                                 .server_ttft_s = value[METRIC_SERVER_TTFT_S],
                                 .size = NAN,
                                 .batch = SIZE_MAX};
}

/* Ascending, what is not known first. */
static int compare(double a, double b)
{
    if (isnan(a) || isnan(b))
        return (int)isnan(b) - (int)isnan(a);
    return (a > b) - (a < b);
}

static int compare_moments(int64_t a, int64_t b)
{
    return (a > b) - (a < b);
}

/* Those of one TTFT and reported size stand together, by their first tokens. */
static int by_what_is_shared(const void *a, const void *b)
{
    const struct batch_member *x = *(struct batch_member *const *)a;
    const struct batch_member *y = *(struct batch_member *const *)b;
    int order = (x->server_ttft_s > y->server_ttft_s) - (x->server_ttft_s < y->server_ttft_s);

    order = order ? order : compare(x->reported, y->reported);
    order = order ? order : compare(x->first_token_s, y->first_token_s);
    order = order ? order : compare_moments(x->sent_ns, y->sent_ns);
    return order ? order : (x > y) - (x < y);
}

static bool belongs(const struct group *group, const struct batch_member *member)
{
    const struct batch_member *first = group->first;
    double apart_s = member->first_token_s - first->first_token_s; /* NAN tells nothing */

    return member->server_ttft_s == first->server_ttft_s &&
           compare(member->reported, first->reported) == 0 &&
           !(first->reported <= (double)group->members) &&
           !(apart_s > apart_share * first->server_ttft_s) &&
           member->sent_ns < group->earliest_done_ns; /* its own end is behind its first token */
}

static void join(struct group *group, const struct batch_member *member)
{
    group->members++;
    if (member->done_ns < group->earliest_done_ns)
        group->earliest_done_ns = member->done_ns;
}

static double power_of_two_for(size_t requests)
{
    double size = 1;

    while (size < (double)requests)
        size *= 2;
    return size;
}

/* The batch that begins with `sorted[0]` of `count`; returns how many are in it. */
static size_t find_group(struct batch_member **sorted, size_t count, size_t number)
{
    struct group group = {.first = sorted[0], .earliest_done_ns = INT64_MAX};
    double size;

    do
        join(&group, sorted[group.members]);
    while (group.members < count && belongs(&group, sorted[group.members]));
    size = isnan(group.first->reported) ? power_of_two_for(group.members) : group.first->reported;
    for (size_t i = 0; i < group.members; i++) {
        sorted[i]->size = size;
        sorted[i]->batch = number;
    }
    return group.members;
}

bool batches_find(struct batch_member *members, size_t count)
{
    struct batch_member **sorted = memory_new(count, sizeof *sorted);
    size_t reported = 0, found = 0, number = 0;

    for (size_t i = 0; i < count; i++) {
        reported += !isnan(members[i].reported);
        members[i].size = members[i].reported;
        members[i].batch = SIZE_MAX;
        if (!isnan(members[i].server_ttft_s))
            sorted[found++] = &members[i];
    }
    if (found > 0)
        qsort(sorted, found, sizeof *sorted, by_what_is_shared);
    for (size_t from = 0; from < found;)
        from += find_group(&sorted[from], found - from, number++);
    free(sorted);
    return reported == count && count > 0;
}

/* --- Sizes ------------------------------------------------------------------------------------ */

/* The place of the first size that is not below `size`. */
static size_t place_of(const struct batch_count *count, size_t sizes, double size)
{
    size_t from = 0;

    while (from < sizes) {
        size_t middle = from + (sizes - from) / 2;

        if (count[middle].size < size)
            from = middle + 1;
        else
            sizes = middle;
    }
    return from;
}

/* Adds a request to the size's count, keeping the sizes ascending; returns how many there are. */
static size_t add(struct batch_count **counted, size_t sizes, double size)
{
    struct batch_count *count = *counted;
    size_t at = place_of(count, sizes, size);

    if (at == sizes || count[at].size != size) {
        *counted = count = memory_grow(count, sizes, sizeof *count);
        for (size_t i = sizes++; i > at; i--)
            count[i] = count[i - 1];
        count[at] = (struct batch_count){.size = size};
    }
    count[at].requests++;
    return sizes;
}

size_t batches_tally(const struct batch_member *members, size_t count, struct batch_count **counted)
{
    size_t sizes = 0;

    *counted = NULL;
    for (size_t i = 0; i < count; i++) {
        if (!isnan(members[i].size))
            sizes = add(counted, sizes, members[i].size);
    }
    return sizes;
}

double batches_representative(const struct batch_count *count, size_t sizes, size_t requests)
{
    for (size_t i = 0; i < sizes; i++) {
        if (count[i].requests * 2 > requests)
            return count[i].size;
    }
    return NAN;
}

void batches_count(const struct outcome *outcomes, size_t count, struct step *step)
{
    struct batch_member *members = memory_new(count, sizeof *members);
    size_t completed = 0;

    for (size_t i = 0; i < count; i++) {
        spill_pass(&outcomes[i], i);
        if (outcomes[i].end == REQUEST_COMPLETED)
            members[completed++] = batches_member(&outcomes[i]);
    }
    step->batches_from_server = batches_find(members, completed);
    free(step->batch);
    step->batches = batches_tally(members, completed, &step->batch);
    step->representative_batch_size =
        batches_representative(step->batch, step->batches, step->completed);
    free(members);
}
