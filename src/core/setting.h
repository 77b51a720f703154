/* The table-driven reader of a settings file.
 *
 * A room describes its file once, as a table of `struct setting`: name, type, where the value goes,
 * default, range, unit, help. Reading, checking, --help and the man page all come from the table;
 * a new key is one line in it. Every fault of a file is found in one reading. */
#ifndef CORE_SETTING_H
#define CORE_SETTING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/error.h"
#include "core/yaml.h"

enum setting_type {
    SETTING_TRUTH,   /* bool */
    SETTING_INTEGER, /* int64_t, `least` to `most` */
    SETTING_NUMBER,  /* double, `least` to `most` */
    SETTING_TEXT,    /* char *, owned; NULL where nothing was given and nothing is the default */
    SETTING_CHOICE,  /* int: the index in `choices` */
    SETTING_JSON,    /* char *, owned: a mapping, passed on as JSON; "{}" where nothing was given */
    SETTING_GROUP,   /* a struct in place, read with `members` */
    SETTING_LIST,    /* struct setting_list of structs of `item_size`, read with `members` */
    SETTING_NUMBERS, /* struct setting_list of double, each `least` to `most` */
    SETTING_WORDS,   /* struct setting_list of char *, owned; the default's are parted by blanks */
    SETTING_IGNORED, /* known, but another reader's: not looked at, and without a value */
};

struct setting_list {
    void *items; /* owned */
    size_t count;
};

struct setting {
    const char *name;
    enum setting_type type;
    size_t offset;
    const char *fallback;          /* the default, as it would be written; NULL: none */
    double least, most;            /* both 0: any */
    const char *unit;              /* "s", "tokens"; NULL: none */
    const char *const *choices;    /* ends with NULL */
    const struct setting *members; /* ends with a NULL name */
    size_t item_size;
    bool required;
    bool secret;      /* a text or mapping whose JSON tells that it was given, and no more */
    const char *help; /* one line */
};

/* Reads `mapping` into `target`, a zeroed struct: every setting gets its value or its default. Adds
 * a fault for an unknown or repeated key (naming the nearest known one), a missing required one, a
 * wrong type, a value out of range. True when it added none. Clear `target` either way. */
bool setting_read(const struct setting *table, const struct yaml *mapping, void *target,
                  struct faults *faults);

/* Frees what the settings of `target` own. */
void setting_clear(const struct setting *table, void *target);

/* Adds every setting of `target` as a JSON object, under its name. */
void setting_add_json(const struct setting *table, const void *target, struct text *json);

/* Where a setting ("timeout", or "connection.ca_file" in a group) was given, for a fault found
 * later: its line, or the mapping's where it was not. */
const struct yaml *setting_place(const struct yaml *mapping, const char *dotted);

#endif
