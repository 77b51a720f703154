/* A figure of a row over all runs of the index: one point for each step, oldest run first. */
#ifndef STORE_INDEX_POINTS_H
#define STORE_INDEX_POINTS_H

#include <stdbool.h>
#include <stddef.h>

#include "core/error.h"

/* A row that runs have in common, by what it asks for. Texts are owned; what is not asked for is ""
 * or 0. */
struct index_row {
    char *row; /* its key (record/row_key.h) */
    char *model, *qps_distribution, *multimodal_img_size;
    double input_tokens, output_tokens, concurrent_requests, qps;
    size_t runs;
};

struct index_rows {
    struct index_row *row; /* those of the most runs first */
    size_t count;
};

enum { INDEX_ROWS_MOST = 500, INDEX_POINTS_MOST = 20000 };

/* Reads up to INDEX_ROWS_MOST rows of the index in `file` whose model's name has `search` in it
 * (NULL: all); warm-ups are left out. False with a sentence. Clear `rows` either way. */
bool index_rows_read(const char *file, const char *search, struct index_rows *rows,
                     struct error *error);
void index_rows_clear(struct index_rows *rows);

/* What may be asked of a step: a metric with statistics ("client_ttft_s"), or one figure of the
 * step, whose `of` is "value". */
struct index_figure {
    const char *name, *unit;
    bool one; /* figure of the step */
};

/* All that an index may have; ends with a NULL name. */
const struct index_figure *index_figures(void);

/* The statistics of a metric: "p5" … "stddev"; ends with NULL. */
extern const char *const index_statistics[];

struct index_point {
    char *run, *name, *started_utc, *labels_json, *verdict; /* owned; "": not known */
    size_t step;
    double value;
};

struct index_points {
    struct index_point *point;
    size_t count;
};

/* Reads the points of the row of that key: statistic `of` of the metric, or the figure of that
 * name; steps without it have no point. False with a sentence, also where there is no such metric
 * or statistic. Clear `points` either way. */
bool index_points_read(const char *file, const char *row, const char *metric, const char *of,
                       struct index_points *points, struct error *error);
void index_points_clear(struct index_points *points);

#endif
