/* A run as a run of MLflow's, by its REST API (mlflow.org/docs/latest/rest-api.html, version 2.0)
 * and the artifact proxy of its tracking server.
 *
 * Parameters are the settings that the run had; metrics are the numbers of the consolidated table,
 * the row's place in the run as their step and its end as their time; tags are labels, versions,
 * rows and verdicts; artifacts are the run's JSON files, its rows and its reports. A tag says which
 * of our runs it is: what is sent again goes on in the run that is there. */
#ifndef EXPORT_MLFLOW_H
#define EXPORT_MLFLOW_H

#include "export/sending.h"

/* struct sending_service's send. Who asks is what MLflow's own client reads: MLFLOW_TRACKING_TOKEN,
 * or _USERNAME and _PASSWORD; besides MLFLOW_TRACKING_URI, _SERVER_CERT_PATH and _INSECURE_TLS. A
 * server that keeps artifacts without its proxy gets all else, and `told` says so. */
bool mlflow_send(const struct sending *sending, const struct runs *runs, struct text *told,
                 struct error *error);

#endif
