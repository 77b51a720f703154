/* What MLflow gets of a run: parameters, metrics and tags, in bodies of log-batch. */
#ifndef EXPORT_MLFLOW_DATA_H
#define EXPORT_MLFLOW_DATA_H

#include <stdbool.h>

#include "core/error.h"
#include "core/text.h"
#include "report/runs.h"

/* What takes one body of log-batch; false ends it, with a sentence. */
struct mlflow_sink {
    bool (*send)(void *context, const struct text *body, struct error *error);
    void *context;
};

/* Sends all of them of the run, in bodies of at most 1000 metrics, 100 parameters or 100 tags, as
 * log-batch takes them. */
bool mlflow_data_send(const struct runs *runs, const char *run_id, const struct mlflow_sink *sink,
                      struct error *error);

#endif
