/* The setting `connection.headers`: further headers of each request, such as {X-Tenant: bench}.
 * What they say may be a secret: it is sent to the endpoint, and told nowhere. */
#ifndef PLAN_CONNECTION_H
#define PLAN_CONNECTION_H

#include "core/error.h"
#include "core/yaml.h"

/* The mapping (NULL: none) as lines "Name: value", ended by NULL; free each and the list. Adds a
 * fault, with file and line, for what is no header and for one that the program sets itself. */
char **connection_headers(const struct yaml *mapping, struct faults *faults);

void connection_headers_free(char **headers);

#endif
