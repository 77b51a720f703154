#include "job/limits.h"

#include <stdlib.h>

#include "core/file.h"
#include "core/memory.h"
#include "load/load.h"
#include "plan/mixes.h"

/* Besides loads: the standard three, the journal, name resolution and certificates, and for each
 * row the files that its results are written to. */
enum { FILES_OF_OURS = 24, FILES_A_ROW = 4 };

/* What there is, or what is needed. */
struct limits {
    size_t files, ports;
};

/* Of a row that runs alone. */
static struct limits need_of(const struct preparation *preparation, const struct row *row)
{
    size_t connections = (size_t)row->concurrent_requests;

    return (struct limits){
        load_files(connections, (size_t)preparation->settings.threads) + FILES_A_ROW, connections};
}

static void check_rows(const struct preparation *preparation, const struct limits *has,
                       struct faults *faults)
{
    const char *path = preparation->settings.model_configs_path;

    for (size_t i = 0; i < preparation->rows.count; i++) {
        const struct row *row = &preparation->rows.row[i];
        struct limits need = need_of(preparation, row);

        if (need.files + FILES_OF_OURS > has->files)
            faults_add(faults, path, row->line,
                       "concurrent_requests: %zu connections need %zu open files, and this process "
                       "may have %zu; raise 'ulimit -n'",
                       need.ports, need.files + FILES_OF_OURS, has->files);
        if (has->ports > 0 && need.ports > has->ports)
            faults_add(faults, path, row->line,
                       "concurrent_requests: %zu connections need as many local ports, and this "
                       "machine has %zu; widen net.ipv4.ip_local_port_range",
                       need.ports, has->ports);
    }
}

/* Of the rows that run together with the one at `row`, in sum. */
static struct limits need_of_mix(const struct preparation *preparation, const struct mixes *mixes,
                                 size_t row)
{
    struct limits sum = {0};

    for (; row < preparation->rows.count; row = mixes->next[row]) {
        struct limits need = need_of(preparation, &preparation->rows.row[row]);

        sum.files += need.files;
        sum.ports += need.ports;
    }
    return sum;
}

static void check_mix(const struct preparation *preparation, const struct row *first,
                      struct limits need, const struct limits *has, struct faults *faults)
{
    const char *path = preparation->settings.model_configs_path;

    if (need.files + FILES_OF_OURS > has->files)
        faults_add(faults, path, first->line,
                   "mix: the rows of mix '%s' together need %zu open files (%zu connections), and "
                   "this process may have %zu; raise 'ulimit -n', or lower their "
                   "concurrent_requests",
                   first->mix, need.files + FILES_OF_OURS, need.ports, has->files);
    if (has->ports > 0 && need.ports > has->ports)
        faults_add(faults, path, first->line,
                   "mix: the %zu connections of mix '%s' need as many local ports, and this "
                   "machine has %zu; widen net.ipv4.ip_local_port_range",
                   need.ports, first->mix, has->ports);
}

static void check_mixes(const struct preparation *preparation, const struct limits *has,
                        struct faults *faults)
{
    const struct rows *rows = &preparation->rows;
    struct mixes mixes;

    mixes_find(rows, &mixes);
    for (size_t i = 0; i < rows->count; i++) {
        if (mixes.members[i] > 1)
            check_mix(preparation, &rows->row[i], need_of_mix(preparation, &mixes, i), has, faults);
    }
    mixes_clear(&mixes);
}

static int most_first(const void *a, const void *b)
{
    const struct limits *x = a;
    const struct limits *y = b;

    return (x->files < y->files) - (x->files > y->files);
}

/* The most that the steps beside each other may need: any `workers` of them may meet, a row with
 * itself where it is visited twice. */
static struct limits need_beside(const struct preparation *preparation, size_t workers)
{
    const struct order *order = &preparation->order;
    size_t steps = order->count - order->warmups;
    struct limits *need = memory_new(steps, sizeof *need), sum = {0};

    for (size_t i = 0; i < steps; i++)
        need[i] =
            need_of(preparation, &preparation->rows.row[order->visit[order->warmups + i].row]);
    qsort(need, steps, sizeof *need, most_first);
    for (size_t i = 0; i < workers; i++) {
        sum.files += need[i].files;
        sum.ports += need[i].ports;
    }
    free(need);
    return sum;
}

static void check_beside(const struct preparation *preparation, const struct limits *has,
                         struct faults *faults)
{
    const struct settings *settings = &preparation->settings;
    const struct order *order = &preparation->order;
    size_t steps = order->count - order->warmups, workers = (size_t)settings->max_workers;
    struct limits need;

    workers = workers < steps ? workers : steps;
    if (!settings->concurrency_enabled || workers < 2)
        return;
    need = need_beside(preparation, workers);
    if (need.files + FILES_OF_OURS > has->files)
        settings_fault(settings, faults, "max_workers",
                       "%zu rows at once (threads: %lld) with %zu connections need %zu open files, "
                       "and this process may have %zu; raise 'ulimit -n', or let fewer rows run at "
                       "once",
                       workers, (long long)settings->threads, need.ports,
                       need.files + FILES_OF_OURS, has->files);
    if (has->ports > 0 && need.ports > has->ports)
        settings_fault(settings, faults, "max_workers",
                       "%zu rows at once with %zu connections need as many local ports, and this "
                       "machine has %zu; widen net.ipv4.ip_local_port_range, or let fewer rows run "
                       "at once",
                       workers, need.ports, has->ports);
}

void limits_check(const struct preparation *preparation, struct faults *faults)
{
    const struct limits has = {file_raise_open_limit(), file_local_ports()};
    size_t before = faults->count;

    check_rows(preparation, &has, faults);
    if (faults->count > before)
        return; /* that row has to change first */
    check_mixes(preparation, &has, faults);
    check_beside(preparation, &has, faults);
}
