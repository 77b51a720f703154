#include "design/likeness.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "design/resolution.h"
#include "plan/advice.h"
#include "stats/study.h"
#include "store/results.h"

/* No two requests are more alike than clocks tell. */
static const double least_s = 1e-6;

/* A run tells how much its switches vary by so many degrees of freedom, or it does not. */
static const double df_least = 2;

/* How near a group is to a row: 0 the same, 1 of its model, 2 any. */
static int distance_of(const struct study_group *group, const struct row *row)
{
    if (row_compare(group->to, row) == 0)
        return 0;
    return strcmp(group->to->model_name, row->model_name) == 0 ? 1 : 2;
}

/* What a group tells of itself; NAN: nothing. */
static double deviation_of(const struct study_group *group)
{
    double deviation_s = group->steady_s * group->estimate.spread;

    return deviation_s > 0 ? deviation_s : NAN;
}

static double ttft_of(const struct study_group *group)
{
    return group->steady_s > 0 ? group->steady_s : NAN;
}

/* The negative, so that the largest is the smallest switch. */
static double switch_of(const struct study_group *group)
{
    return group->estimate.verdict == SWITCH_DETECTED && group->cost.cost_s > 0
               ? -group->cost.cost_s
               : NAN;
}

/* Of the row itself, else of its model's rows, else of any: the largest; NAN where none tells. */
static double look_up(const struct study *study, const struct row *row,
                      double (*tell)(const struct study_group *group))
{
    double largest[3] = {NAN, NAN, NAN};

    for (size_t i = 0; i < study->rows; i++) {
        for (int k = distance_of(&study->row[i], row); k < 3; k++)
            largest[k] = fmax(largest[k], tell(&study->row[i])); /* of two, not the NAN */
    }
    for (int k = 0; k < 2; k++) {
        if (!isnan(largest[k]))
            return largest[k];
    }
    return largest[2];
}

/* What a switch varies by itself: less what the noise of TTFTs adds to it. */
static double own_share(const struct study_variation *variation)
{
    double all = variation->share, noise = variation->noise_share;

    return sqrt(fmax(0, all * all - noise * noise));
}

static void take_study(const struct study *study, const struct rows *rows,
                       struct likeness *likeness)
{
    for (size_t i = 0; i < rows->count; i++) {
        double switch_s = -look_up(study, &rows->row[i], switch_of);
        struct likeness_row *row = &likeness->row[i];

        row->deviation_s = fmax(look_up(study, &rows->row[i], deviation_of), least_s);
        row->ttft_s = look_up(study, &rows->row[i], ttft_of);
        row->switch_s = isnan(switch_s) ? row->ttft_s : switch_s;
    }
    for (size_t i = 0; i < study->rows; i++) {
        likeness->ttft_s = fmax(likeness->ttft_s, study->row[i].steady_s);
        likeness->spread = fmax(likeness->spread, study->row[i].estimate.spread);
    }
    likeness->measured = true;
    likeness->cost_measured = study->variation.df >= df_least && study->variation.share >= 0;
    if (likeness->cost_measured)
        likeness->cost_share = own_share(&study->variation);
}

static bool as_in_run(const char *like, const struct rows *rows, struct likeness *likeness,
                      struct error *error)
{
    struct results results = {0};
    struct study study = {0};
    bool read = results_read(like, &results, error);

    if (read) {
        study_add(&study, results.step, results.count);
        study_conclude(&study);
        take_study(&study, rows, likeness);
        if (!(likeness->ttft_s > 0))
            read = error_set(error,
                             "%s: does not show how much TTFTs vary, since none of its rows could "
                             "be measured; leave --like out",
                             like);
    }
    study_clear(&study);
    results_clear(&results);
    return read;
}

static void as_example(const struct rows *rows, struct likeness *likeness)
{
    likeness->ttft_s = ADVICE_TTFT_S;
    likeness->spread = RESOLUTION_SPREAD;
    for (size_t i = 0; i < rows->count; i++)
        likeness->row[i] =
            (struct likeness_row){ADVICE_TTFT_S * RESOLUTION_SPREAD, ADVICE_TTFT_S, ADVICE_TTFT_S};
}

bool likeness_of(const char *like, const struct rows *rows, struct likeness *likeness,
                 struct error *error)
{
    *likeness = (struct likeness){.row = memory_new(rows->count, sizeof *likeness->row),
                                  .cost_share = LIKENESS_COST_SHARE};
    if (like)
        return as_in_run(like, rows, likeness, error);
    as_example(rows, likeness);
    return true;
}

struct preview_premise likeness_premise(const struct likeness *likeness, const char *like)
{
    return (struct preview_premise){.like = like,
                                    .measured = likeness->measured,
                                    .cost_measured = likeness->cost_measured,
                                    .ttft_s = likeness->ttft_s,
                                    .spread = likeness->spread,
                                    .cost_share = likeness->cost_share};
}

void likeness_clear(struct likeness *likeness)
{
    free(likeness->row);
    *likeness = (struct likeness){0};
}
