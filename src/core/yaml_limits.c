#include "core/yaml_limits.h"

#include <string.h>
#include <yaml.h>

struct counted {
    size_t depth, nodes, anchors;
};

static bool too_large(const char *source, size_t line, struct error *error)
{
    return error_set(error, "%s:%zu: nested too deep or too large for a settings file", source,
                     line);
}

/* A line of a text may begin so as well, but not so many. */
static bool has_few_directives(const char *text, size_t length, const char *source,
                               struct error *error)
{
    const char *end = text + length;
    size_t line = 1, directives = 0;

    for (const char *at = text; at && at < end; line++) {
        directives += *at == '%';
        if (directives > YAML_DIRECTIVES_MOST)
            return too_large(source, line, error);
        at = memchr(at, '\n', (size_t)(end - at));
        at = at ? at + 1 : NULL;
    }
    return true;
}

static const yaml_char_t *anchor_of(const yaml_event_t *event)
{
    switch (event->type) {
    case YAML_SCALAR_EVENT:
        return event->data.scalar.anchor;
    case YAML_SEQUENCE_START_EVENT:
        return event->data.sequence_start.anchor;
    case YAML_MAPPING_START_EVENT:
        return event->data.mapping_start.anchor;
    default:
        return NULL;
    }
}

/* Counts what the event begins or ends; false where that is too much. */
static bool count(struct counted *counted, const yaml_event_t *event)
{
    bool opens =
        event->type == YAML_SEQUENCE_START_EVENT || event->type == YAML_MAPPING_START_EVENT;

    if (event->type == YAML_SEQUENCE_END_EVENT || event->type == YAML_MAPPING_END_EVENT)
        counted->depth--;
    if (!opens && event->type != YAML_SCALAR_EVENT && event->type != YAML_ALIAS_EVENT)
        return true;
    counted->nodes++;
    counted->anchors += anchor_of(event) != NULL;
    if (counted->depth > YAML_DEPTH_MOST || counted->nodes > YAML_NODES_MOST ||
        counted->anchors > YAML_ANCHORS_MOST)
        return false;
    counted->depth += opens;
    return true;
}

bool yaml_is_within_limits(const char *text, size_t length, const char *source, struct error *error)
{
    struct counted counted = {0};
    yaml_parser_t parser;
    yaml_event_t event;
    bool fine, ended = false;

    fine = has_few_directives(text, length, source, error);
    if (!fine || !yaml_parser_initialize(&parser))
        return fine; /* whoever builds the tree finds that there is no memory */
    yaml_parser_set_input_string(&parser, (const unsigned char *)text, length);
    while (fine && !ended && yaml_parser_parse(&parser, &event)) {
        fine = count(&counted, &event) || too_large(source, event.start_mark.line + 1, error);
        ended = event.type == YAML_STREAM_END_EVENT;
        yaml_event_delete(&event);
    }
    yaml_parser_delete(&parser);
    return fine;
}
