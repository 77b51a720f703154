/* The settings group `connection`: how connections are made, and what each request bears.
 *
 * `connection.headers` are further headers of each request, such as {X-Tenant: bench}. What they
 * say may be a secret: it is sent to the endpoint, and printed nowhere. */
#ifndef PLAN_CONNECTION_H
#define PLAN_CONNECTION_H

#include <stdbool.h>
#include <stddef.h>

#include "core/error.h"
#include "core/setting.h"
#include "core/yaml.h"

struct settings;

/* The group's members. */
extern const struct setting connection_table[];

/* Whether a setting of this dotted name (its first `length` bytes) may hold a secret, which a
 * command line would show to others. */
bool connection_may_hold_secret(const char *key, size_t length);

/* Whether a setting of this dotted name (its first `length` bytes) decides who may read the key on
 * its way: nobody but the caller may set it, and no manifest. */
bool connection_decides_trust(const char *key, size_t length);

/* The names of such settings, ended by NULL. */
extern const char *const connection_trust_names[];

/* The mapping (NULL: none) as lines "Name: value", ended by NULL; free each and the list. Adds a
 * fault, with file and line, for what is no header and for one that the program sets itself. */
char **connection_headers(const struct yaml *mapping, struct faults *faults);

/* Adds a fault where connection.key_header cannot bear the key: no name, or a header that is sent
 * anyway. To be called once the other headers are read. */
void connection_check_key_header(const struct settings *settings, struct faults *faults);

/* Adds a fault where connection.spread stands beside what measures switches, or beside a proxy. To
 * be called once all settings are read. */
void connection_check_spread(const struct settings *settings, struct faults *faults);

void connection_headers_free(char **headers);

#endif
