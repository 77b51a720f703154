/* Files that the program ships with: configs/ and model_configs/ of the checkout, put into the
 * program when it is built, so that an installed one works anywhere.
 *
 * Some have a name by which a command takes them instead of a file: "bundle:demo",
 * "policy:standard". Such a name always means the program's own copy; "./bundle:demo" is a file. */
#ifndef CORE_SHIPPED_H
#define CORE_SHIPPED_H

#include <stdbool.h>

#include "core/error.h"
#include "core/yaml.h"

struct shipped {
    const char *path; /* where `coebench init` writes it, below its folder */
    const char *name; /* "kind:name", or NULL: it has none */
    const char *text; /* ends with a zero byte */
};

/* All of them; ends with a NULL path. */
extern const struct shipped shipped_table[];

/* The file of that name, or NULL. */
const struct shipped *shipped_find(const char *name);

/* Whether `path` begins like a name of that kind ("bundle"), known or not. */
bool shipped_is_name(const char *kind, const char *path);

/* The YAML document that `path` stands for: the program's own file where it is a name of that kind,
 * else the file there (yaml_read). `path` must outlive the tree. NULL with a sentence where there
 * is no such file; for a name, the sentence lists those there are. Free with yaml_delete. */
struct yaml *shipped_yaml(const char *kind, const char *path, struct error *error);

#endif
