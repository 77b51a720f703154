/* A YAML document as a tree that remembers its lines, with no type of libyaml in sight.
 *
 * Scalars stay text: what a word means is the reader's business (setting.h), which knows what the
 * key asks for. Keys are kept in order and repeated ones are kept too, so that a reader can object.
 * Ceilings: 16 MiB of file, 64 levels, 200,000 nodes (aliases count each time they are used), and
 * those of yaml_limits.h. */
#ifndef CORE_YAML_H
#define CORE_YAML_H

#include <stdbool.h>
#include <stddef.h>

#include "core/error.h"
#include "core/text.h"

enum yaml_kind { YAML_SCALAR, YAML_LIST, YAML_MAPPING };

struct yaml {
    enum yaml_kind kind;
    const char *source; /* whose document: a file's name, or an option's; not owned */
    int line;           /* from 1; 0: none, as in an option */
    char *scalar;       /* YAML_SCALAR: the text */
    bool quoted;        /* YAML_SCALAR: so "true" and "12" are text */
    size_t count;       /* members of a list or mapping */
    struct yaml **key;  /* YAML_MAPPING: `count` scalars */
    struct yaml **value;
};

/* Parses `text`, which holds one document; an empty one is an empty
 * mapping. Merge keys ("<<") are merged (yaml_merge.h). `source` must outlive the tree. NULL and a
 * sentence with the line where it is no YAML. Free with yaml_delete. */
struct yaml *yaml_parse(const char *text, size_t length, const char *source, struct error *error);

/* The same for a file, whose top-level keys that begin with "x-" are left out. */
struct yaml *yaml_read(const char *path, struct error *error);

/* A mapping's first value under `key`, or NULL. */
const struct yaml *yaml_find(const struct yaml *mapping, const char *key);

/* Puts a value under a dotted key ("connection.preconnect"), in the place of one that is there. The
 * mapping takes `value`. False, and `value` freed, where the path leads through something that is
 * no mapping. */
bool yaml_put(struct yaml *mapping, const char *dotted, struct yaml *value);

/* A scalar of its own; `quoted` as in the struct. */
struct yaml *yaml_scalar(const char *text, bool quoted, const char *source);

/* Whether the scalar stands for nothing: empty, ~ or null, unquoted. */
bool yaml_is_null(const struct yaml *node);

/* Adds the tree as JSON, its scalars read as YAML 1.1 reads them (null, true and yes and on,
 * numbers, else text); a number of JSON keeps its own characters. For what is passed on unread,
 * such as sampling parameters. */
void yaml_add_json(const struct yaml *node, struct text *json);

void yaml_delete(struct yaml *node);

/* The version of libyaml, for the record. */
const char *yaml_library(void);

#endif
