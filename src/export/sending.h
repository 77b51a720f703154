/* Runs to services: one table, by which `coebench export --to SERVICE:URL` works, and a run that
 * its config sends somewhere. */
#ifndef EXPORT_SENDING_H
#define EXPORT_SENDING_H

#include <stdatomic.h>
#include <stdbool.h>

#include "core/error.h"
#include "core/text.h"
#include "report/runs.h"

struct sending {
    const char *url;        /* of the service; "": by the environment, where that names it */
    const char *experiment; /* what MLflow files the run under; NULL: "coebench" */
    const char *run_name;   /* NULL: the run's own */
    const atomic_int *stop; /* gives up soon once it is set; NULL: never */
};

struct sending_service {
    const char *name; /* "mlflow" */
    const char *help; /* what it gets, in a line */
    /* Sends the run, which `runs` holds alone and concluded. `told` gets a line for each thing that
     * a person should know: where it is now, and what could not be sent. False with a sentence
     * where it is not there, or not whole; sending it again completes it. */
    bool (*send)(const struct sending *sending, const struct runs *runs, struct text *told,
                 struct error *error);
};

/* All of them; ends with a NULL name. */
extern const struct sending_service sending_table[];

/* What --to takes. */
#define SENDING_SERVICES "mlflow:URI|otlp:URL"

/* The service that `to`, such as "mlflow:http://host:5000", names, and in `*url` what stands behind
 * the colon; NULL where there is none. */
const struct sending_service *sending_find(const char *to, const char **url);

/* Reads the run in `folder`, concludes, and sends it. */
bool sending_send(const struct sending_service *service, const struct sending *sending,
                  const char *folder, struct text *told, struct error *error);

#endif
