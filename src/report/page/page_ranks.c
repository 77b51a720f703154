#include "report/page/page_ranks.h"

#include <stdlib.h>

#include "report/rank_figures.h"

static void add_rank(struct writer *writer, size_t at, const struct rank_figures *rank)
{
    const struct health *worst = &rank->worst.health;

    writer_open(writer, NULL, '{');
    writer_add_number(writer, "rank", (double)at);
    writer_add_text(writer, "host", rank->host);
    writer_add_number(writer, "requests", (double)rank->requests);
    writer_add_number(writer, "share", rank->share);
    writer_add_number(writer, "valid", (double)rank->steps[MEASUREMENT_VALID]);
    writer_add_number(writer, "degraded", (double)rank->steps[MEASUREMENT_DEGRADED]);
    writer_add_number(writer, "invalid", (double)rank->steps[MEASUREMENT_INVALID]);
    writer_add_number(writer, "clock_uncertainty_s", worst->clock_uncertainty_s);
    writer_add_number(writer, "read_lateness_s_p99", worst->read_lateness_p99_s);
    writer_add_number(writer, "loop_stall_s_max", worst->loop_stall_max_s);
    writer_add_number(writer, "loop_cpu_share_max", worst->loop_cpu_share_max);
    writer_add_number(writer, "journal_wait_s", rank->worst.journal_wait_s);
    writer_close(writer, '}');
}

void page_ranks_add(struct writer *writer, const struct results *run)
{
    size_t ranks;
    struct rank_figures *figures = rank_figures_of(run, &ranks);

    writer_open(writer, "ranks", '[');
    for (size_t i = 0; i < ranks; i++)
        add_rank(writer, i, &figures[i]);
    writer_close(writer, ']');
    free(figures);
}
