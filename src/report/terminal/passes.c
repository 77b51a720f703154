#include "report/terminal/passes.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/clock.h"
#include "core/memory.h"
#include "core/unit.h"
#include "report/terminal/terminal.h"

void passes_init(struct passes *passes, const struct order *order)
{
    *passes = (struct passes){0};
    if (!order || order->count - order->warmups <= order->rows + order->members)
        return;
    for (size_t i = 0; i < order->count; i++)
        passes->count = order->visit[i].pass > passes->count ? order->visit[i].pass : passes->count;
    passes->sum = memory_new(passes->count + 1, sizeof *passes->sum);
    for (size_t i = 0; i <= passes->count; i++)
        passes->sum[i].ttft_low_s = passes->sum[i].ttft_high_s = NAN;
    for (size_t i = 0; i < order->count; i++)
        passes->sum[order->visit[i].pass].steps++;
}

bool passes_begin(struct passes *passes, size_t pass, int64_t now_ns)
{
    if (passes->sum[pass].begun == 0)
        passes->sum[pass].began_ns = now_ns;
    return passes->sum[pass].begun++ == 0;
}

bool passes_end(struct passes *passes, const struct step *step, int64_t now_ns)
{
    const struct metric_summary *ttft = &step->metric[METRIC_CLIENT_TTFT_S];
    struct pass_sum *sum = &passes->sum[step->pass];

    sum->ended++;
    sum->completed += step->completed;
    sum->failed += step->errors;
    sum->ended_ns = now_ns;
    if (ttft->count > 0) {
        sum->ttft_low_s = fmin(sum->ttft_low_s, ttft->quantile[2]);   /* of NAN and a number … */
        sum->ttft_high_s = fmax(sum->ttft_high_s, ttft->quantile[2]); /* … the number */
    }
    return sum->ended == sum->steps;
}

/* " in 12 s, 100 requests, none failed, TTFT p50 27.8 to 453 ms" */
static void add_figures(const struct pass_sum *sum, char *text, size_t size)
{
    size_t used = strlen(text);
    char took[48], requests[UNIT_TEXT], range[UNIT_TEXT];

    terminal_duration(clock_seconds(sum->began_ns, sum->ended_ns), took, sizeof took);
    used += (size_t)snprintf(text + used, size - used, " in %s, %s", took,
                             unit_count(sum->completed + sum->failed, "request", NULL, requests));
    used = used < size ? used : size - 1;
    if (sum->failed > 0)
        used += (size_t)snprintf(text + used, size - used, ", %zu failed", sum->failed);
    else
        used += (size_t)snprintf(text + used, size - used, ", none failed");
    used = used < size ? used : size - 1;
    if (isfinite(sum->ttft_low_s))
        snprintf(text + used, size - used, ", TTFT p50 %s",
                 unit_time_range(sum->ttft_low_s, sum->ttft_high_s, range));
}

void passes_describe(const struct passes *passes, size_t pass, char *text, size_t size)
{
    const struct pass_sum *sum = &passes->sum[pass];
    char steps[UNIT_TEXT], name[48] = "warm-up";

    unit_count(sum->steps, "step", NULL, steps);
    if (pass > 0)
        snprintf(name, sizeof name, "pass %zu of %zu", pass, passes->count);
    if (sum->ended > 0 && sum->ended < sum->steps)
        snprintf(text, size, "%s: %zu of %s", name, sum->ended, steps);
    else
        snprintf(text, size, "%s: %s", name, steps);
    if (sum->ended > 0)
        add_figures(sum, text, size);
}

size_t passes_open(const struct passes *passes, size_t from)
{
    for (size_t i = from; passes->count > 0 && i <= passes->count; i++) {
        if (passes->sum[i].ended > 0 && passes->sum[i].ended < passes->sum[i].steps)
            return i;
    }
    return SIZE_MAX;
}

void passes_clear(struct passes *passes)
{
    free(passes->sum);
    *passes = (struct passes){0};
}
