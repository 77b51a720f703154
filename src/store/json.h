/* Members of this room's JSON objects. For the room alone: cJSON goes no further. */
#ifndef STORE_JSON_H
#define STORE_JSON_H

#include <cjson/cJSON.h>
#include <stdbool.h>

#include "core/text.h"
#include "record/row.h"

/* Parses `length` bytes of JSON; NaN, Infinity and -Infinity, which Python's json module writes,
 * are null. NULL where it is no JSON; cJSON_Delete it. */
cJSON *json_parse(const char *bytes, size_t length);

/* The number that an item is, or that it holds as text ("16.0"): a writer that turns what it does
 * not know into text leaves such. NAN for anything else, NULL among it, and for what is too large
 * for a double. */
double json_number(const cJSON *item);

/* A number as text_add_number prints it, NAN as null: cJSON takes 15 digits for enough, which are
 * not always. */
void json_add_number(cJSON *object, const char *key, double value);

/* Gives each number of `object`, which cJSON has parsed from `json`, the characters it has there,
 * to be printed as it was written: those under `member`, or all where that is NULL. They are raw
 * then, and no cJSON_Number. */
void json_keep_numbers(cJSON *object, const char *member, const char *json);

/* Prints the members of an object whose keys are `wanted`, as an object, with `between` between
 * them; numbers as text_add_number prints them. */
void json_print_members(const cJSON *object, bool (*wanted)(const char *key), const char *between,
                        struct text *text);

/* A text; NULL is null. */
void json_add_text(cJSON *object, const char *key, const char *text);

/* A row's load: num_concurrent_requests, or qps and qps_distribution. */
void json_add_load(cJSON *object, const struct row *row);

#endif
