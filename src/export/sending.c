#include "export/sending.h"

#include <string.h>

#include "export/mlflow.h"
#include "export/otlp.h"

const struct sending_service sending_table[] = {
    {"mlflow", "settings, figures of rows, labels and files, as a run of MLflow's", mlflow_send},
    {"otlp", "figures as OpenTelemetry metrics, steps as spans, by OTLP over HTTP", otlp_send},
    {0},
};

const struct sending_service *sending_find(const char *to, const char **url)
{
    for (const struct sending_service *service = sending_table; service->name; service++) {
        size_t length = strlen(service->name);

        if (strncmp(to, service->name, length) == 0 && to[length] == ':') {
            *url = to + length + 1;
            return service;
        }
    }
    return NULL;
}

bool sending_send(const struct sending_service *service, const struct sending *sending,
                  const char *folder, struct text *told, struct error *error)
{
    char *path = (char *)folder, *folders[] = {path, NULL};
    struct runs runs = {0};
    bool done = runs_read(folders, &runs, error);

    if (done && runs.count != 1)
        done = error_set(error, "%s: holds %zu runs; name one of them", folder, runs.count);
    done = done && service->send(sending, &runs, told, error);
    runs_clear(&runs);
    return done;
}
