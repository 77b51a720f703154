#include "core/setting.h"

#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "core/text.h"
#include "core/word.h"
#include "core/yaml_keys.h"

/* Whoever wrote so many looks for one cause; what is near to each takes too long to find. */
enum { UNKNOWN_MOST = 100 };

static void *at(const struct setting *setting, void *target)
{
    return (char *)target + setting->offset;
}

static const char *name_at(const void *table, size_t i)
{
    return ((const struct setting *)table)[i].name;
}

static size_t table_size(const struct setting *table)
{
    size_t count = 0;

    while (table[count].name)
        count++;
    return count;
}

static const struct setting *find(const struct setting *table, const char *name)
{
    for (; table->name; table++) {
        if (strcmp(table->name, name) == 0)
            return table;
    }
    return NULL;
}

static void fault(struct faults *faults, const struct yaml *where, const struct setting *setting,
                  const char *wanted)
{
    const char *given = where->kind == YAML_SCALAR ? where->scalar
                        : where->kind == YAML_LIST ? "a list"
                                                   : "a mapping";

    faults_add(faults, where->source, where->line, "%s: '%.60s' is not %s", setting->name, given,
               wanted);
}

static bool in_range(const struct setting *setting, double value)
{
    return (setting->least == 0 && setting->most == 0) ||
           (value >= setting->least && value <= setting->most);
}

/* Not by way of a double, which has no 2^53 + 1; a setting's bounds are whole ones. */
static bool integer_in_range(const struct setting *setting, int64_t value)
{
    return (setting->least == 0 && setting->most == 0) ||
           (value >= (int64_t)setting->least && value <= (int64_t)setting->most);
}

/* "a whole number from 1 to 65535 (seconds)" */
static void number_fault(struct faults *faults, const struct yaml *where,
                         const struct setting *setting)
{
    struct text wanted = {0};

    text_add_string(&wanted, setting->type == SETTING_INTEGER ? "a whole number" : "a number");
    if (setting->least != 0 || setting->most != 0)
        text_printf(&wanted,
                    setting->type == SETTING_INTEGER ? " from %.0f to %.0f"
                                                     : " from %.10g to %.10g",
                    setting->least, setting->most);
    if (setting->unit)
        text_printf(&wanted, " (%s)", setting->unit);
    fault(faults, where, setting, wanted.bytes);
    text_clear(&wanted);
}

static void choice_fault(struct faults *faults, const struct yaml *where,
                         const struct setting *setting)
{
    struct text wanted = {0};

    text_add_string(&wanted, "one of");
    for (size_t i = 0; setting->choices[i]; i++)
        text_printf(&wanted, "%s %s", i ? "," : "", setting->choices[i]);
    fault(faults, where, setting, wanted.bytes);
    text_clear(&wanted);
}

static bool scalar_number(const struct setting *setting, const struct yaml *node, double *value)
{
    return node->kind == YAML_SCALAR && word_number(node->scalar, value) &&
           in_range(setting, *value);
}

static void read_integer(const struct setting *setting, const struct yaml *node, void *target,
                         struct faults *faults)
{
    int64_t value;

    if (node->kind != YAML_SCALAR || !word_integer(node->scalar, &value) ||
        !integer_in_range(setting, value))
        number_fault(faults, node, setting);
    else
        *(int64_t *)at(setting, target) = value;
}

static void read_number(const struct setting *setting, const struct yaml *node, void *target,
                        struct faults *faults)
{
    if (!scalar_number(setting, node, at(setting, target)))
        number_fault(faults, node, setting);
}

static void read_truth(const struct setting *setting, const struct yaml *node, void *target,
                       struct faults *faults)
{
    if (node->kind != YAML_SCALAR || !word_truth(node->scalar, at(setting, target)))
        fault(faults, node, setting, "true or false");
}

static void read_text(const struct setting *setting, const struct yaml *node, void *target,
                      struct faults *faults)
{
    if (node->kind != YAML_SCALAR)
        fault(faults, node, setting, "a text");
    else
        *(char **)at(setting, target) = memory_text(node->scalar);
}

static void read_choice(const struct setting *setting, const struct yaml *node, void *target,
                        struct faults *faults)
{
    for (int i = 0; node->kind == YAML_SCALAR && setting->choices[i]; i++) {
        if (word_same(setting->choices[i], node->scalar)) {
            *(int *)at(setting, target) = i;
            return;
        }
    }
    choice_fault(faults, node, setting);
}

static void read_json(const struct setting *setting, const struct yaml *node, void *target,
                      struct faults *faults)
{
    struct text json = {0};

    if (node->kind != YAML_MAPPING) {
        fault(faults, node, setting, "a mapping of names to values");
        return;
    }
    yaml_add_json(node, &json);
    *(char **)at(setting, target) = text_take(&json);
}

static void read_numbers(const struct setting *setting, const struct yaml *node, void *target,
                         struct faults *faults)
{
    struct setting_list *list = at(setting, target);
    double *items = memory_new(node->count, sizeof *items);

    list->items = items;
    if (node->kind != YAML_LIST) {
        fault(faults, node, setting, "a list of numbers");
        return;
    }
    for (size_t i = 0; i < node->count; i++) {
        if (!scalar_number(setting, node->value[i], &items[i]))
            number_fault(faults, node->value[i], setting);
    }
    list->count = node->count;
}

static void add_word(struct setting_list *list, char *word)
{
    list->items = memory_grow(list->items, list->count, sizeof(char *));
    ((char **)list->items)[list->count++] = word;
}

/* A default is one scalar. */
static void read_words(const struct setting *setting, const struct yaml *node, void *target,
                       struct faults *faults)
{
    struct setting_list *list = at(setting, target);

    if (node->kind == YAML_SCALAR && node->source == setting->name) {
        for (const char *word = node->scalar; *word; word += strspn(word, " ")) {
            add_word(list, memory_bytes(word, strcspn(word, " ")));
            word += strcspn(word, " ");
        }
        return;
    }
    if (node->kind != YAML_LIST) {
        fault(faults, node, setting, "a list of words");
        return;
    }
    for (size_t i = 0; i < node->count; i++) {
        if (node->value[i]->kind == YAML_SCALAR)
            add_word(list, memory_text(node->value[i]->scalar));
        else
            fault(faults, node->value[i], setting, "a list of words");
    }
}

static void read_list(const struct setting *setting, const struct yaml *node, void *target,
                      struct faults *faults)
{
    struct setting_list *list = at(setting, target);

    if (node->kind != YAML_LIST) {
        fault(faults, node, setting, "a list");
        return;
    }
    list->items = memory_new(node->count, setting->item_size);
    list->count = node->count;
    for (size_t i = 0; i < node->count; i++)
        setting_read(setting->members, node->value[i], (char *)list->items + i * setting->item_size,
                     faults);
}

static void read_value(const struct setting *setting, const struct yaml *node, void *target,
                       struct faults *faults)
{
    switch (setting->type) {
    case SETTING_TRUTH:
        read_truth(setting, node, target, faults);
        break;
    case SETTING_INTEGER:
        read_integer(setting, node, target, faults);
        break;
    case SETTING_NUMBER:
        read_number(setting, node, target, faults);
        break;
    case SETTING_TEXT:
        read_text(setting, node, target, faults);
        break;
    case SETTING_CHOICE:
        read_choice(setting, node, target, faults);
        break;
    case SETTING_JSON:
        read_json(setting, node, target, faults);
        break;
    case SETTING_GROUP:
        setting_read(setting->members, node, at(setting, target), faults);
        break;
    case SETTING_LIST:
        read_list(setting, node, target, faults);
        break;
    case SETTING_NUMBERS:
        read_numbers(setting, node, target, faults);
        break;
    case SETTING_WORDS:
        read_words(setting, node, target, faults);
        break;
    case SETTING_IGNORED:
        break;
    }
}

/* What is read where a file says nothing: an empty group, an empty mapping, the written default. */
static void read_default(const struct setting *setting, void *target, struct faults *faults)
{
    struct yaml nothing = {.kind = YAML_MAPPING};
    struct yaml *node;

    if (setting->type == SETTING_GROUP || setting->type == SETTING_JSON) {
        read_value(setting, &nothing, target, faults);
    } else if (setting->fallback) {
        node = yaml_scalar(setting->fallback, true, setting->name);
        read_value(setting, node, target, faults);
        yaml_delete(node);
    }
}

static void unknown_key(const struct setting *table, const struct yaml *key, struct faults *faults)
{
    const char *near = faults->count < UNKNOWN_MOST
                           ? word_nearest(key->scalar, table, table_size(table), name_at)
                           : NULL;

    if (near)
        faults_add(faults, key->source, key->line, "unknown key '%.60s'; did you mean '%s'?",
                   key->scalar, near);
    else if (faults->count >= UNKNOWN_MOST)
        faults_add(faults, key->source, key->line, "unknown key '%.60s'", key->scalar);
    else
        faults_add(faults, key->source, key->line,
                   "unknown key '%.60s'; nothing known here is like it", key->scalar);
}

/* Unknown keys, and those that stand twice; of many, the first ones, and how many more there are.
 */
static void check_keys(const struct setting *table, const struct yaml *mapping,
                       struct faults *faults)
{
    struct yaml_keys *keys = yaml_keys_new(mapping);
    size_t most = faults->count + UNKNOWN_MOST, more = 0;

    for (size_t i = 0; i < mapping->count; i++) {
        const struct yaml *key = mapping->key[i];
        bool known = find(table, key->scalar) != NULL;
        struct yaml_key_places places = {.first = i};

        yaml_keys_find(keys, key->scalar, &places);
        if (faults->count >= most) {
            more += !known || places.first < i;
            continue;
        }
        if (!known)
            unknown_key(table, key, faults);
        if (places.first < i)
            faults_add(faults, key->source, key->line,
                       "'%.60s' appears here again, first in line %d; keep one", key->scalar,
                       mapping->key[places.first]->line);
    }
    if (more > 0)
        faults_add(faults, mapping->source, mapping->line,
                   "%zu further keys are unknown or appear here again", more);
    yaml_keys_free(keys);
}

bool setting_read(const struct setting *table, const struct yaml *mapping, void *target,
                  struct faults *faults)
{
    static const struct yaml empty = {.kind = YAML_MAPPING};
    size_t before = faults->count;
    const struct yaml *where = mapping;

    if (mapping->kind != YAML_MAPPING) {
        if (!yaml_is_null(mapping))
            faults_add(faults, mapping->source, mapping->line,
                       "expected 'key: value' lines here, such as '%s: …'", table->name);
        mapping = &empty;
    }
    check_keys(table, mapping, faults);
    for (; table->name; table++) {
        const struct yaml *node = yaml_find(mapping, table->name);
        bool empty_text = node && node->kind == YAML_SCALAR && !*node->scalar;
        bool given = node && !yaml_is_null(node);

        if (given && !(table->required && empty_text))
            read_value(table, node, target, faults);
        else if (table->required)
            faults_add(faults, where->source, node ? node->line : where->line,
                       "'%s' is missing: %s", table->name, table->help);
        else
            read_default(table, target, faults);
    }
    return faults->count == before;
}

static void clear_list(const struct setting *setting, struct setting_list *list)
{
    if (setting->members) {
        for (size_t i = 0; i < list->count; i++)
            setting_clear(setting->members, (char *)list->items + i * setting->item_size);
    }
    for (size_t i = 0; setting->type == SETTING_WORDS && i < list->count; i++)
        free(((char **)list->items)[i]);
    free(list->items);
    *list = (struct setting_list){0};
}

void setting_clear(const struct setting *table, void *target)
{
    for (; table->name; table++) {
        if (table->type == SETTING_TEXT || table->type == SETTING_JSON) {
            free(*(char **)at(table, target));
            *(char **)at(table, target) = NULL;
        } else if (table->type == SETTING_LIST || table->type == SETTING_NUMBERS ||
                   table->type == SETTING_WORDS) {
            clear_list(table, at(table, target));
        } else if (table->type == SETTING_GROUP) {
            setting_clear(table->members, at(table, target));
        }
    }
}

static void add_list_json(const struct setting *setting, const struct setting_list *list,
                          struct text *json)
{
    text_add_char(json, '[');
    for (size_t i = 0; i < list->count; i++) {
        if (i > 0)
            text_add_char(json, ',');
        if (setting->members)
            setting_add_json(setting->members, (const char *)list->items + i * setting->item_size,
                             json);
        else if (setting->type == SETTING_WORDS)
            text_add_json(json, ((char *const *)list->items)[i]);
        else
            text_add_number(json, ((const double *)list->items)[i]);
    }
    text_add_char(json, ']');
}

/* A text or a mapping that was given; an empty one has no secret. */
static bool holds_secret(const struct setting *setting, const void *value)
{
    const char *text = setting->secret ? *(char *const *)value : NULL;

    return text && strcmp(text, "{}") != 0;
}

static void add_value_json(const struct setting *setting, const void *value, struct text *json)
{
    const char *text;

    if (holds_secret(setting, value)) {
        text_add_json(json, "given, and not kept");
        return;
    }
    switch (setting->type) {
    case SETTING_TRUTH:
        text_add_string(json, *(const bool *)value ? "true" : "false");
        break;
    case SETTING_INTEGER:
        text_printf(json, "%lld", (long long)*(const int64_t *)value);
        break;
    case SETTING_NUMBER:
        text_add_number(json, *(const double *)value);
        break;
    case SETTING_TEXT:
        text = *(const char *const *)value;
        if (text)
            text_add_json(json, text);
        else
            text_add_string(json, "null");
        break;
    case SETTING_CHOICE:
        text_add_json(json, setting->choices[*(const int *)value]);
        break;
    case SETTING_JSON:
        text_add_string(json, *(const char *const *)value);
        break;
    case SETTING_GROUP:
        setting_add_json(setting->members, value, json);
        break;
    case SETTING_LIST:
    case SETTING_NUMBERS:
    case SETTING_WORDS:
        add_list_json(setting, value, json);
        break;
    case SETTING_IGNORED:
        text_add_string(json, "null");
        break;
    }
}

void setting_add_json(const struct setting *table, const void *target, struct text *json)
{
    text_add_char(json, '{');
    for (const struct setting *s = table; s->name; s++) {
        if (s != table)
            text_add_char(json, ',');
        text_add_json(json, s->name);
        text_add_char(json, ':');
        add_value_json(s, (const char *)target + s->offset, json);
    }
    text_add_char(json, '}');
}

const struct yaml *setting_place(const struct yaml *mapping, const char *dotted)
{
    size_t length = strcspn(dotted, ".");
    char *name = memory_bytes(dotted, length);
    const struct yaml *node = yaml_find(mapping, name);

    free(name);
    if (!node)
        return mapping;
    return dotted[length] ? setting_place(node, dotted + length + 1) : node;
}
