/* mlflow: where a run is sent once it has ended. */
#ifndef PLAN_MLFLOW_PLACE_H
#define PLAN_MLFLOW_PLACE_H

#include <stdbool.h>

#include "core/error.h"
#include "core/setting.h"
#include "core/yaml.h"

struct mlflow_place {
    char *uri;        /* of the tracking server; NULL: MLFLOW_TRACKING_URI's */
    char *experiment; /* NULL: "coebench" */
    char *run_name;   /* NULL: the run's own */
    bool asked;       /* there is such a group in the document: the run is sent */
};

/* The group's members. */
extern const struct setting mlflow_place_table[];

/* To be called when the settings are read from the document `root`. Adds a fault where the uri is
 * no address of http or https, holds a user or password, or is not known. */
void mlflow_place_check(const struct yaml *root, struct mlflow_place *place, struct faults *faults);

/* Whether a word, such as that of --ml_repo, is a tracking server's address; else it names an
 * experiment. */
bool mlflow_place_is_uri(const char *word);

#endif
