/* A run for OpenTelemetry: its figures as metrics and one span for each step, by OTLP over HTTP
 * with bodies in JSON (opentelemetry.io/docs/specs/otlp, version 1; opentelemetry-proto, "JSON
 * Protobuf Encoding"), as collectors take them at port 4318. What is sent, and as what:
 * otlp_data.h. */
#ifndef EXPORT_OTLP_H
#define EXPORT_OTLP_H

#include "export/sending.h"

/* struct sending_service's send. Posts to `/v1/metrics` and `/v1/traces` behind the address. The
 * environment says the rest, in OpenTelemetry's own names: OTEL_EXPORTER_OTLP_ENDPOINT where no
 * address is given, _HEADERS and _CERTIFICATE. A service that has one of the two paths alone gets
 * what it takes, and `told` says so; one that takes a body in part has not got the run. */
bool otlp_send(const struct sending *sending, const struct runs *runs, struct text *told,
               struct error *error);

#endif
