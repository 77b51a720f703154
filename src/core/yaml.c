#include "core/yaml.h"

#include <inttypes.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#include "core/file.h"
#include "core/memory.h"
#include "core/number.h"
#include "core/word.h"
#include "core/yaml_limits.h"
#include "core/yaml_merge.h"

enum { CEILING_BYTES = 16 << 20 };

struct reading {
    yaml_document_t document;
    const char *source;
    int nodes;
    struct error *error;
};

static struct yaml *new_node(enum yaml_kind kind, const char *source, int line)
{
    struct yaml *node = memory_new(1, sizeof *node);

    node->kind = kind;
    node->source = source;
    node->line = line;
    return node;
}

static void add_member(struct yaml *node, struct yaml *key, struct yaml *value)
{
    if (node->kind == YAML_MAPPING) {
        node->key = memory_grow(node->key, node->count, sizeof(struct yaml *));
        node->key[node->count] = key;
    }
    node->value = memory_grow(node->value, node->count, sizeof(struct yaml *));
    node->value[node->count++] = value;
}

static struct yaml *copy_node(struct reading *reading, int index, int depth);

static bool copy_pair(struct reading *reading, struct yaml *node, const yaml_node_pair_t *pair,
                      int depth)
{
    struct yaml *key = copy_node(reading, pair->key, depth + 1);
    struct yaml *value = key ? copy_node(reading, pair->value, depth + 1) : NULL;

    if (!value || key->kind != YAML_SCALAR) {
        if (value)
            error_set(reading->error, "%s:%d: a key must be a plain name, not a list or mapping",
                      reading->source, key->line);
        yaml_delete(key);
        yaml_delete(value);
        return false;
    }
    add_member(node, key, value);
    return true;
}

static bool copy_members(struct reading *reading, const yaml_node_t *from, struct yaml *node,
                         int depth)
{
    if (from->type == YAML_MAPPING_NODE) {
        for (yaml_node_pair_t *p = from->data.mapping.pairs.start; p < from->data.mapping.pairs.top;
             p++) {
            if (!copy_pair(reading, node, p, depth))
                return false;
        }
        return yaml_merge(node, reading->error);
    }
    for (yaml_node_item_t *i = from->data.sequence.items.start; i < from->data.sequence.items.top;
         i++) {
        struct yaml *value = copy_node(reading, *i, depth + 1);

        if (!value)
            return false;
        add_member(node, NULL, value);
    }
    return true;
}

/* Our texts end at a zero; what stands behind one would be lost. */
static struct yaml *copy_scalar(struct reading *reading, const yaml_node_t *from, int line)
{
    const char *bytes = (const char *)from->data.scalar.value;
    struct yaml *node;

    if (memchr(bytes, '\0', from->data.scalar.length)) {
        error_set(reading->error, "%s:%d: a text holds \\0, which is not allowed; take it out",
                  reading->source, line);
        return NULL;
    }
    node = new_node(YAML_SCALAR, reading->source, line);
    node->scalar = memory_bytes(bytes, from->data.scalar.length);
    node->quoted = from->data.scalar.style != YAML_PLAIN_SCALAR_STYLE;
    return node;
}

static struct yaml *copy_node(struct reading *reading, int index, int depth)
{
    yaml_node_t *from = yaml_document_get_node(&reading->document, index);
    int line = (int)from->start_mark.line + 1;
    struct yaml *node;

    if (depth > YAML_DEPTH_MOST || ++reading->nodes > YAML_NODES_MOST) {
        error_set(reading->error, "%s:%d: nested too deep or too large for a settings file",
                  reading->source, line);
        return NULL;
    }
    if (from->type == YAML_SCALAR_NODE)
        return copy_scalar(reading, from, line);
    node =
        new_node(from->type == YAML_MAPPING_NODE ? YAML_MAPPING : YAML_LIST, reading->source, line);
    if (copy_members(reading, from, node, depth))
        return node;
    yaml_delete(node);
    return NULL;
}

/* What is being parsed. */
struct bytes {
    const char *begin, *end;
};

/* The first line from `from` to `to` that is indented by a tab, from 0; SIZE_MAX: none. */
static size_t find_tab(const struct bytes *text, size_t from, size_t to)
{
    size_t line = 0;
    bool indents = true;

    for (const char *at = text->begin; at < text->end && line <= to; at++) {
        if (*at == '\n') {
            line++;
            indents = true;
        } else if (indents && *at == '\t' && line >= from) {
            return line;
        } else {
            indents &= *at == ' ';
        }
    }
    return SIZE_MAX;
}

static struct yaml *explain_parse_fault(const yaml_parser_t *parser, const struct bytes *text,
                                        const char *source, struct error *error)
{
    const yaml_mark_t *at =
        parser->problem_mark.line ? &parser->problem_mark : &parser->context_mark;
    size_t tab = find_tab(text, parser->context_mark.line, at->line + 1);

    if (tab != SIZE_MAX)
        error_set(error, "%s:%zu: is not YAML: a tab indents this line; use blanks", source,
                  tab + 1);
    else
        error_set(error, "%s:%zu: is not YAML: %s", source, at->line + 1,
                  parser->problem ? parser->problem : "it cannot be read");
    return NULL;
}

/* Whether nothing follows the document that was read, whose settings would be lost. */
static bool has_ended(yaml_parser_t *parser, const struct bytes *text, const char *source,
                      struct error *error)
{
    yaml_document_t more;
    const yaml_node_t *node;

    if (!yaml_parser_load(parser, &more)) {
        explain_parse_fault(parser, text, source, error);
        return false;
    }
    node = yaml_document_get_root_node(&more);
    if (node)
        error_set(error, "%s:%zu: is a second document; keep one, without a line '---' in between",
                  source, node->start_mark.line + 1);
    yaml_document_delete(&more);
    return !node;
}

struct yaml *yaml_parse(const char *text, size_t length, const char *source, struct error *error)
{
    struct reading reading = {.source = source, .error = error};
    const struct bytes bytes = {text, text + length};
    struct yaml *root;
    yaml_parser_t parser;

    if (!yaml_is_within_limits(text, length, source, error))
        return NULL;
    if (!yaml_parser_initialize(&parser))
        abort();
    yaml_parser_set_input_string(&parser, (const unsigned char *)text, length);
    if (!yaml_parser_load(&parser, &reading.document)) {
        root = explain_parse_fault(&parser, &bytes, source, error);
    } else {
        root = yaml_document_get_root_node(&reading.document) ? copy_node(&reading, 1, 0)
                                                              : new_node(YAML_MAPPING, source, 1);
        yaml_document_delete(&reading.document);
    }
    if (root && !has_ended(&parser, &bytes, source, error)) {
        yaml_delete(root);
        root = NULL;
    }
    yaml_parser_delete(&parser);
    return root;
}

/* Keys that a file keeps for itself, such as those that hold what its aliases stand for. */
static void drop_extensions(struct yaml *root)
{
    size_t kept = 0;

    for (size_t i = 0; i < root->count && root->kind == YAML_MAPPING; i++) {
        if (strncmp(root->key[i]->scalar, "x-", 2) == 0) {
            yaml_delete(root->key[i]);
            yaml_delete(root->value[i]);
            continue;
        }
        root->key[kept] = root->key[i];
        root->value[kept++] = root->value[i];
    }
    if (root->kind == YAML_MAPPING)
        root->count = kept;
}

struct yaml *yaml_read(const char *path, struct error *error)
{
    struct text text = {0};
    struct yaml *root = NULL;

    if (file_read(path, CEILING_BYTES, &text, error))
        root = yaml_parse(text.bytes ? text.bytes : "", text.length, path, error);
    if (root)
        drop_extensions(root);
    text_clear(&text);
    return root;
}

static size_t position(const struct yaml *mapping, const char *key, size_t length)
{
    size_t i = 0;

    while (i < mapping->count && (strncmp(mapping->key[i]->scalar, key, length) != 0 ||
                                  mapping->key[i]->scalar[length] != '\0'))
        i++;
    return i;
}

const struct yaml *yaml_find(const struct yaml *mapping, const char *key)
{
    size_t i;

    if (mapping->kind != YAML_MAPPING)
        return NULL;
    i = position(mapping, key, strlen(key));
    return i < mapping->count ? mapping->value[i] : NULL;
}

bool yaml_put(struct yaml *mapping, const char *dotted, struct yaml *value)
{
    size_t length = strcspn(dotted, ".");
    size_t i;

    if (mapping->kind != YAML_MAPPING) {
        yaml_delete(value);
        return false;
    }
    i = position(mapping, dotted, length);
    if (i == mapping->count) {
        struct yaml *key = new_node(YAML_SCALAR, value->source, value->line);

        key->scalar = memory_bytes(dotted, length);
        add_member(mapping, key, new_node(YAML_MAPPING, value->source, value->line));
    }
    if (dotted[length] == '.')
        return yaml_put(mapping->value[i], dotted + length + 1, value);
    yaml_delete(mapping->value[i]);
    mapping->value[i] = value;
    return true;
}

struct yaml *yaml_scalar(const char *text, bool quoted, const char *source)
{
    struct yaml *node = new_node(YAML_SCALAR, source, 0);

    node->scalar = memory_text(text);
    node->quoted = quoted;
    return node;
}

bool yaml_is_null(const struct yaml *node)
{
    return node->kind == YAML_SCALAR && !node->quoted &&
           (!*node->scalar || strcmp(node->scalar, "~") == 0 || word_same(node->scalar, "null"));
}

static void add_scalar_json(const struct yaml *node, struct text *json)
{
    int64_t whole;
    double number;
    bool truth;

    if (yaml_is_null(node))
        text_add_string(json, "null");
    else if (!node->quoted && strlen(node->scalar) > 1 && word_truth(node->scalar, &truth))
        text_add_string(json, truth ? "true" : "false"); /* "y" may well be a name */
    else if (!node->quoted && number_is_json(node->scalar))
        text_add_string(json, node->scalar);
    else if (!node->quoted && word_integer(node->scalar, &whole))
        text_printf(json, "%" PRId64, whole);
    else if (!node->quoted && word_number(node->scalar, &number))
        text_add_number(json, number);
    else
        text_add_json(json, node->scalar);
}

void yaml_add_json(const struct yaml *node, struct text *json)
{
    if (node->kind == YAML_SCALAR) {
        add_scalar_json(node, json);
        return;
    }
    text_add_char(json, node->kind == YAML_LIST ? '[' : '{');
    for (size_t i = 0; i < node->count; i++) {
        if (i > 0)
            text_add_char(json, ',');
        if (node->kind == YAML_MAPPING) {
            text_add_json(json, node->key[i]->scalar);
            text_add_char(json, ':');
        }
        yaml_add_json(node->value[i], json);
    }
    text_add_char(json, node->kind == YAML_LIST ? ']' : '}');
}

void yaml_delete(struct yaml *node)
{
    if (!node)
        return;
    for (size_t i = 0; i < node->count; i++) {
        if (node->key)
            yaml_delete(node->key[i]);
        yaml_delete(node->value[i]);
    }
    free(node->key);
    free(node->value);
    free(node->scalar);
    free(node);
}

const char *yaml_library(void)
{
    return yaml_get_version_string();
}
