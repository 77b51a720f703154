#include "report/terminal/progress_mix.h"

#include <math.h>
#include <stdlib.h>

#include "core/clock.h"
#include "core/memory.h"
#include "core/unit.h"
#include "report/short_name.h"
#include "report/terminal/progress_line.h"
#include "report/terminal/terminal.h"

enum { MODEL_WIDTH = 28, NAME_WIDTH = 40, TITLE_MEMBERS = 12 };

/* Each member shows itself ten times a second. */
static const int64_t apart_ns = CLOCK_NS_PER_S / 12;

void progress_mix_begin(struct progress_mix *mix, const struct row *row, size_t index)
{
    if (!row->mix)
        return;
    mix->member = memory_grow(mix->member, mix->count, sizeof *mix->member);
    mix->member[mix->count++] = (struct progress_member){.row = row, .index = index};
}

bool progress_mix_note(struct progress_mix *mix, const struct progress_view *view, int64_t now_ns)
{
    for (size_t i = 0; i < mix->count; i++) {
        struct progress_member *member = &mix->member[i];

        if (member->index != view->index)
            continue;
        member->seen = true;
        member->view = *view;
        member->view.error = NULL;
        member->failed = 0;
        for (size_t k = 0; k < view->error_kinds; k++)
            member->failed += view->error[k].count;
    }
    if (now_ns - mix->drawn_ns < apart_ns)
        return false;
    mix->drawn_ns = now_ns;
    return true;
}

void progress_mix_end(struct progress_mix *mix, size_t index)
{
    size_t kept = 0;

    for (size_t i = 0; i < mix->count; i++) {
        if (mix->member[i].index != index)
            mix->member[kept++] = mix->member[i];
    }
    mix->count = kept;
}

/* --- All of it -------------------------------------------------------------------------------- */

static int64_t requests_of(const struct progress_mix *mix)
{
    const struct row *first = mix->member[0].row;
    int64_t all = 0;

    if (first->share > 0)
        return first->mix_requests;
    for (size_t i = 0; i < mix->count; i++) {
        const struct row *row = mix->member[i].row;

        if (row->num_requests == 0)
            return 0;
        all += row_requests_of(row, row->num_requests);
    }
    return all;
}

/* What members show, added up. */
struct sum {
    size_t done, in_flight;
    double elapsed_s, output_tokens, share;
};

/* A mix is as far as its slowest member; where they share their places, as all of them. */
static struct sum sum_of(const struct progress_mix *mix)
{
    struct sum sum = {.share = 1};
    int64_t all = requests_of(mix);

    for (size_t i = 0; i < mix->count; i++) {
        const struct progress_member *member = &mix->member[i];

        sum.share = fmin(sum.share, member->seen ? line_share_done(&member->view) : 0);
        sum.done += member->view.done;
        sum.in_flight += member->view.in_flight;
        sum.output_tokens += member->view.output_tokens;
        sum.elapsed_s = fmax(sum.elapsed_s, member->view.elapsed_s);
    }
    if (mix->member[0].row->share > 0 && all > 0)
        sum.share = fmin(1, (double)sum.done / (double)all);
    return sum;
}

size_t progress_mix_failed(const struct progress_mix *mix)
{
    size_t failed = 0;

    for (size_t i = 0; i < mix->count; i++)
        failed += mix->member[i].failed;
    return failed;
}

static void add_failed(char *line, size_t failed)
{
    if (failed > 0)
        line_add(line, ", %zu failed", failed);
    else
        line_add(line, ", none failed");
}

void progress_mix_title(const struct progress_mix *mix, size_t rows, char *line)
{
    char name[4 * NAME_WIDTH];

    line[0] = '\0';
    short_name(mix->member[0].row->mix, NAME_WIDTH, name, sizeof name);
    for (size_t i = 0; i < mix->count && i < TITLE_MEMBERS; i++)
        line_add(line, "%s%zu", i > 0 ? "+" : "", mix->member[i].index + 1);
    if (mix->count > TITLE_MEMBERS)
        line_add(line, "+…");
    line_add(line, "/%zu mix %s", rows, name);
}

void progress_mix_done(const struct progress_mix *mix, int width, char *line)
{
    const struct sum sum = sum_of(mix);
    int64_t all = requests_of(mix);

    line[0] = '\0';
    line_add_bar(line, sum.share, width);
    line_add(line, "%s%zu", width > 0 ? " " : "", sum.done);
    if (all > 0)
        line_add(line, "/%lld", (long long)all);
    line_add(line, ", %zu in flight", sum.in_flight);
    add_failed(line, progress_mix_failed(mix));
}

void progress_mix_speed(const struct progress_mix *mix, char *line)
{
    const struct sum sum = sum_of(mix);
    char rate[UNIT_TEXT];

    line[0] = '\0';
    if (!(sum.elapsed_s > 0) || sum.done == 0) {
        line_add(line, "waiting for a first response");
        return;
    }
    line_add(line, "%s requests/s, %.0f tokens/s",
             unit_number((double)sum.done / sum.elapsed_s, rate),
             sum.output_tokens / sum.elapsed_s);
    if (sum.share > 0)
        line_add_duration(line, "; left: mix ", sum.elapsed_s * (1 - sum.share) / sum.share, "");
}

/* --- Its members ------------------------------------------------------------------------------ */

size_t progress_mix_lines(const struct progress_mix *mix)
{
    return mix->count < PROGRESS_MEMBERS ? mix->count : PROGRESS_MEMBERS;
}

static void add_ttft(char *line, const struct progress_view *view)
{
    char p50[UNIT_TEXT], p95[UNIT_TEXT];

    if (!isnan(view->ttft_p50_s))
        line_add(line, ", TTFT p50 %s, p95 %s", unit_time(view->ttft_p50_s, p50),
                 unit_time(view->ttft_p95_s, p95));
}

void progress_mix_member(const struct progress_mix *mix, size_t index, char *line)
{
    const struct progress_member *member = &mix->member[index];
    char name[256];

    line[0] = '\0';
    if (index + 1 == PROGRESS_MEMBERS && mix->count > PROGRESS_MEMBERS) {
        line_add(line, "  … and %zu more", mix->count - index);
        return;
    }
    short_name(member->row->model_name, MODEL_WIDTH, name, sizeof name);
    line_add(line, "  %zu %s ", member->index + 1, name);
    if (!member->seen) {
        line_add(line, "begins");
        return;
    }
    line_add_done(line, &member->view);
    line_add(line, ", %zu in flight", member->view.in_flight);
    add_ttft(line, &member->view);
    if (member->failed > 0)
        add_failed(line, member->failed);
}

void progress_mix_clear(struct progress_mix *mix)
{
    free(mix->member);
    *mix = (struct progress_mix){0};
}
