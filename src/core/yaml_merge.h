/* YAML's merge key (yaml.org/type/merge), inside this room: "<<: *defaults" stands for the members
 * of that mapping. */
#ifndef CORE_YAML_MERGE_H
#define CORE_YAML_MERGE_H

#include "core/yaml.h"

/* Puts the members of what a mapping's plain "<<" keys name, a mapping or a list of mappings, in
 * the place of these keys, before its own members. As in PyYAML, a member of its own wins, else of
 * a list's mappings the first, else the last "<<". A mapping's own keys that stand twice stay so.
 * False with a sentence where "<<" names anything else. */
bool yaml_merge(struct yaml *mapping, struct error *error);

#endif
