/* What OpenTelemetry gets of a run, as bodies of OTLP in JSON: enum values are numbers, 64-bit
 * integers are texts, ids are hexadecimal, names are in camelCase (opentelemetry-proto, "JSON
 * Protobuf Encoding").
 *
 * Each number of the consolidated table is a gauge, "coebench.COLUMN" with the column's unit by
 * UCUM (ucum.org) and its help, and a data point for each step at the step's end. Spans are one for
 * the run, with its settings, and below it one for each step, with its texts. The resource has what
 * tells the run from others: name, labels, endpoint. Ids come from the run's name and start, so
 * that what is sent again has the same. */
#ifndef EXPORT_OTLP_DATA_H
#define EXPORT_OTLP_DATA_H

#include <stdbool.h>

#include "core/error.h"
#include "core/text.h"
#include "report/runs.h"

/* What takes one body; false ends it, with a sentence. */
struct otlp_sink {
    bool (*send)(void *context, const struct text *body, struct error *error);
    void *context;
};

/* Sends all of the run in bodies of at most 32 steps each. */
bool otlp_data_send_metrics(const struct runs *runs, const struct otlp_sink *sink,
                            struct error *error);
bool otlp_data_send_spans(const struct runs *runs, const struct otlp_sink *sink,
                          struct error *error);

/* The trace that the run is, in hexadecimal. */
enum { OTLP_TRACE_ID = 33 };
void otlp_data_trace_id(const struct results *run, char id[OTLP_TRACE_ID]);

#endif
