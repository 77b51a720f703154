/* Which of the program's YAML files a document is: one that is given in another's place is told in
 * one sentence, not key by key. */
#ifndef CORE_DOCUMENT_H
#define CORE_DOCUMENT_H

#include <stdbool.h>

#include "core/error.h"
#include "core/yaml.h"

enum document { DOCUMENT_CONFIG, DOCUMENT_BUNDLE, DOCUMENT_POLICY };

/* False, with a fault that names `path`, where the document has a key that only another of them
 * has, and none of its own. */
bool document_check(const struct yaml *root, enum document wanted, const char *path,
                    struct faults *faults);

#endif
