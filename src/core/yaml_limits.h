/* What a YAML text may hold at most, found before its tree is built: libyaml takes time that grows
 * as the square of the nesting, of the anchors and of the directives, and others write the texts.
 * For core/yaml.c alone. */
#ifndef CORE_YAML_LIMITS_H
#define CORE_YAML_LIMITS_H

#include <stdbool.h>
#include <stddef.h>

#include "core/error.h"

enum {
    YAML_DEPTH_MOST = 64,      /* levels of lists and mappings */
    YAML_NODES_MOST = 200000,  /* scalars, lists, mappings and aliases */
    YAML_ANCHORS_MOST = 1000,  /* names that aliases may stand for */
    YAML_DIRECTIVES_MOST = 100 /* lines that begin with '%' */
};

/* Whether the text keeps to these; false with a sentence and the line. What is no YAML keeps to
 * them as far as it can be read. */
bool yaml_is_within_limits(const char *text, size_t length, const char *source,
                           struct error *error);

#endif
