#include "plan/mlflow_place.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* clang-format off */
const struct setting mlflow_place_table[] = {
    {"uri", SETTING_TEXT, offsetof(struct mlflow_place, uri),
     .help = "the tracking server, http://HOST:PORT; default: MLFLOW_TRACKING_URI of the environment"},
    {"experiment", SETTING_TEXT, offsetof(struct mlflow_place, experiment),
     .help = "what it files the run under; default: coebench"},
    {"run_name", SETTING_TEXT, offsetof(struct mlflow_place, run_name),
     .help = "what the run is called there; default: the run's own name"},
    {0},
};
/* clang-format on */

bool mlflow_place_is_uri(const char *word)
{
    return strncasecmp(word, "http://", 7) == 0 || strncasecmp(word, "https://", 8) == 0;
}

void mlflow_place_check(const struct yaml *root, struct mlflow_place *place, struct faults *faults)
{
    const struct yaml *group = yaml_find(root, "mlflow");
    const char *environment = getenv("MLFLOW_TRACKING_URI"), *host;

    place->asked = group && !yaml_is_null(group);
    if (!place->asked)
        return;
    if (!place->uri && !(environment && *environment))
        faults_add(faults, group->source, group->line,
                   "mlflow.uri: is missing, and so is MLFLOW_TRACKING_URI in the environment; "
                   "write http://HOST:PORT");
    if (!place->uri)
        return;
    host = mlflow_place_is_uri(place->uri) ? strstr(place->uri, "://") + 3 : NULL;
    if (!host || !*host)
        faults_add(faults, group->source, group->line,
                   "mlflow.uri: is no address of http or https; write http://HOST:PORT");
    else if (memchr(host, '@', strcspn(host, "/?#")))
        faults_add(faults, group->source, group->line,
                   "mlflow.uri: holds a user or password; name them in the environment, as "
                   "MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD");
}
