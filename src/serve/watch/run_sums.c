#include "serve/watch/run_sums.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"

static const char others[] = "other";

void run_sums_init(struct run_sums *sums)
{
    memset(sums, 0, sizeof *sums);
    sums->turn = 1;
    sums->width_us = 1000000;
}

void run_sums_clear(struct run_sums *sums)
{
    for (size_t i = 0; i < sums->steps; i++) {
        free(sums->step[i].name);
        free(sums->step[i].ended);
        free(sums->step[i].failures);
    }
    free(sums->step);
    memset(sums, 0, sizeof *sums);
}

static struct step_sums *step_of(struct run_sums *sums, size_t index)
{
    if (index >= sums->room) {
        size_t room = 2 * index + 16;

        sums->step = memory_resize(sums->step, room, sizeof *sums->step);
        memset(sums->step + sums->room, 0, (room - sums->room) * sizeof *sums->step);
        sums->room = room;
    }
    if (index >= sums->steps)
        sums->steps = index + 1;
    return &sums->step[index];
}

/* --- Over time ------------------------------------------------------------------------------- */

static void join_points(struct sums_point *into, const struct sums_point *a,
                        const struct sums_point *b)
{
    *into = (struct sums_point){
        .completed = a->completed + b->completed,
        .failed = a->failed + b->failed,
        .ttfts = a->ttfts + b->ttfts,
        .output_tokens = a->output_tokens + b->output_tokens,
        .ttft_sum_s = a->ttft_sum_s + b->ttft_sum_s,
        .ttft_most_s = fmax(a->ttft_most_s, b->ttft_most_s),
    };
}

/* Half as many points of twice the width, all of them news. */
static void widen(struct run_sums *sums)
{
    static const struct sums_point none;

    sums->width_us *= 2;
    for (size_t i = 0; i < SUMS_POINTS / 2; i++) {
        join_points(&sums->point[i], &sums->point[2 * i], &sums->point[2 * i + 1]);
        sums->point[i].changed = sums->turn;
    }
    for (size_t i = SUMS_POINTS / 2; i < SUMS_POINTS; i++)
        sums->point[i] = none;
    sums->points = (sums->points + 1) / 2;
}

/* The point of a moment; one before the first is the first's. */
static struct sums_point *point_at(struct run_sums *sums, int64_t moment_us)
{
    int64_t index;

    if (sums->origin_us == 0)
        sums->origin_us = moment_us - moment_us % sums->width_us;
    while ((index = (moment_us - sums->origin_us) / sums->width_us) >= SUMS_POINTS)
        widen(sums);
    if (moment_us < sums->origin_us)
        index = 0;
    if ((size_t)index >= sums->points)
        sums->points = (size_t)index + 1;
    sums->point[index].changed = sums->turn;
    return &sums->point[index];
}

/* Spreads tokens over the time in which they came. */
static void spread(struct run_sums *sums, int64_t from_us, int64_t to_us, double tokens)
{
    int64_t at = from_us;

    point_at(sums, to_us); /* which may widen them: not in between */
    if (to_us <= from_us) {
        point_at(sums, to_us)->output_tokens += tokens;
        return;
    }
    while (at < to_us) {
        struct sums_point *point = point_at(sums, at);
        int64_t end = at < sums->origin_us
                          ? sums->origin_us
                          : sums->origin_us + (point - sums->point + 1) * sums->width_us;

        end = end < to_us ? end : to_us;
        point->output_tokens += tokens * (double)(end - at) / (double)(to_us - from_us);
        at = end;
    }
}

/* When a request was sent; its end where its latency is not known. */
static int64_t began_at(const struct journal_line *line)
{
    bool known = line->latency_s > 0 && line->latency_s < 1e6;

    return known ? line->ended_us - (int64_t)(line->latency_s * 1e6) : line->ended_us;
}

static void place_in_time(struct run_sums *sums, const struct journal_line *line)
{
    int64_t began_us = began_at(line), waited_us = line->ended_us - began_us;
    struct sums_point *point;

    if (line->ended_us == 0)
        return;
    if (sums->origin_us == 0)
        point_at(sums, began_us);
    if (line->ttft_s >= 0 && line->ttft_s <= line->latency_s)
        waited_us = (int64_t)(line->ttft_s * 1e6);
    if (!line->failure[0] && isfinite(line->output_tokens))
        spread(sums, began_us + waited_us, line->ended_us, line->output_tokens);
    point = point_at(sums, line->ended_us);
    point->completed += !line->failure[0];
    point->failed += line->failure[0] != '\0';
    if (!line->failure[0] && line->ttft_s >= 0) {
        point->ttfts++;
        point->ttft_sum_s += line->ttft_s;
        point->ttft_most_s = fmax(point->ttft_most_s, line->ttft_s);
    }
}

/* --- Requests -------------------------------------------------------------------------------- */

/* The number of a failure's word; the last is that of all others. */
static size_t kind_of(struct run_sums *sums, const char *word)
{
    for (size_t i = 0; i < sums->kinds; i++) {
        if (strcmp(sums->kind[i], word) == 0)
            return i;
    }
    if (sums->kinds >= SUMS_KINDS - 1) {
        sums->kinds = SUMS_KINDS;
        strcpy(sums->kind[SUMS_KINDS - 1], others);
        return SUMS_KINDS - 1;
    }
    strcpy(sums->kind[sums->kinds], word);
    return sums->kinds++;
}

static void take_failure(struct run_sums *sums, struct step_sums *step, const char *word)
{
    size_t kind = kind_of(sums, word);

    if (!step->failures)
        step->failures = memory_new(SUMS_KINDS, sizeof *step->failures);
    step->failures[kind]++;
    step->failed++;
    sums->failed++;
    sums->kind_count[kind]++;
    sums->kinds_changed = sums->turn;
}

static void take_completed(struct run_sums *sums, struct step_sums *step,
                           const struct journal_line *line)
{
    step->completed++;
    sums->completed++;
    if (isfinite(line->output_tokens))
        step->output_tokens += line->output_tokens;
    if (line->ttft_s >= 0) {
        step->ttfts++;
        step->ttft_sum_s += line->ttft_s;
    }
}

static void take_time(struct step_sums *step, const struct journal_line *line)
{
    int64_t began_us = began_at(line);

    if (line->ended_us == 0)
        return;
    if (step->first_us == 0 || began_us < step->first_us)
        step->first_us = began_us;
    if (line->ended_us > step->last_us)
        step->last_us = line->ended_us;
}

static void take_request(struct run_sums *sums, const struct journal_line *line)
{
    struct step_sums *step = step_of(sums, line->step);

    step->changed = sums->turn;
    if (line->resent) {
        step->resent++;
        return;
    }
    if (!line->counts) {
        step->besides++;
        return;
    }
    if (line->failure[0])
        take_failure(sums, step, line->failure);
    else
        take_completed(sums, step, line);
    take_time(step, line);
    place_in_time(sums, line);
}

/* --- Steps ----------------------------------------------------------------------------------- */

/* An attempt that is begun anew: what the one before came to is in no report. */
static void forget_attempt(struct run_sums *sums, struct step_sums *step)
{
    for (size_t i = 0; step->failures && i < SUMS_KINDS; i++)
        sums->kind_count[i] -= step->failures[i];
    sums->completed -= step->completed;
    sums->failed -= step->failed;
    sums->kinds_changed = sums->turn;
    free(step->name);
    free(step->ended);
    free(step->failures);
    *step = (struct step_sums){.attempts = step->attempts};
}

static void take_begin(struct run_sums *sums, const struct journal_line *line)
{
    struct step_sums *step = step_of(sums, line->step);

    forget_attempt(sums, step);
    step->name = memory_text(line->text);
    step->attempts++;
    step->began = step->changed = sums->turn;
}

static void take_end(struct run_sums *sums, const struct journal_line *line)
{
    struct step_sums *step = step_of(sums, line->step);

    free(step->ended);
    step->ended = memory_text(line->text);
    step->finished = step->changed = sums->turn;
}

void run_sums_take(struct run_sums *sums, const struct journal_line *line)
{
    switch (line->kind) {
    case JOURNAL_OTHER:
        break;
    case JOURNAL_BEGINS:
        take_begin(sums, line);
        break;
    case JOURNAL_ENDS:
        take_end(sums, line);
        break;
    case JOURNAL_REQUEST:
        take_request(sums, line);
        break;
    }
}
