#include "prompt/texts.h"

#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "core/shipped.h"
#include "core/word.h"
#include "core/yaml.h"

static const char *const lists[] = {"default_prompt", "multiple_prompts"};
static const char *const members[] = {"name", "template"};

enum { LISTS = sizeof lists / sizeof *lists, MEMBERS = sizeof members / sizeof *members };

static const char *word_at(const void *words, size_t i)
{
    return ((const char *const *)words)[i];
}

static void check_keys(const struct yaml *mapping, const char *const *known, size_t count,
                       struct faults *faults)
{
    for (size_t i = 0; i < mapping->count; i++) {
        const struct yaml *key = mapping->key[i];
        const char *near;
        bool found = false;

        for (size_t k = 0; k < count; k++)
            found |= strcmp(known[k], key->scalar) == 0;
        if (found && yaml_find(mapping, key->scalar) != mapping->value[i])
            faults_add(faults, key->source, key->line, "'%s' appears twice; keep one", key->scalar);
        if (found)
            continue;
        near = word_nearest(key->scalar, known, count, word_at);
        faults_add(faults, key->source, key->line, "'%.60s' is unknown; %s%s%s", key->scalar,
                   near ? "did you mean '" : "leave it out", near ? near : "", near ? "'?" : "");
    }
}

/* A member's text, NULL and a fault where there is none. */
static const char *text_of(const struct yaml *entry, const char *member, struct faults *faults)
{
    const struct yaml *value = yaml_find(entry, member);

    if (value && value->kind == YAML_SCALAR && value->scalar[strspn(value->scalar, " \t\r\n")])
        return value->scalar;
    faults_add(faults, entry->source, value ? value->line : entry->line, "%s: %s; write a text",
               member, value ? "is not a text, or is empty" : "is missing");
    return NULL;
}

/* Blanks and line ends are what words are told apart by; none stands at the end. */
static char *tidy(const char *template)
{
    char *text = memory_text(template);
    size_t length = strlen(text);

    while (length > 0 && strchr(" \t\r\n", text[length - 1]))
        text[--length] = '\0';
    for (char *at = text; *at; at++) {
        if (*at == '\t' || *at == '\r')
            *at = ' ';
    }
    return text;
}

static void read_entry(const struct yaml *entry, struct prompt_texts *texts, struct faults *faults)
{
    const char *name, *template;

    if (entry->kind != YAML_MAPPING) {
        faults_add(faults, entry->source, entry->line,
                   "is not a prompt; write '- name: …' and below it 'template: …'");
        return;
    }
    check_keys(entry, members, MEMBERS, faults);
    name = text_of(entry, "name", faults);
    template = text_of(entry, "template", faults);
    if (!name || !template)
        return;
    for (size_t i = 0; i < texts->count; i++) {
        if (strcmp(texts->text[i].name, name) == 0)
            faults_add(faults, entry->source, entry->line,
                       "name: '%s' names another prompt too; give it one of its own", name);
    }
    texts->text = memory_grow(texts->text, texts->count, sizeof *texts->text);
    texts->text[texts->count++] =
        (struct prompt_text){.name = memory_text(name), .template = tidy(template)};
}

static void read_list(const struct yaml *root, const char *path, bool multiple,
                      struct prompt_texts *texts, struct faults *faults)
{
    const struct yaml *list = yaml_find(root, lists[multiple]);

    if (!list || list->kind != YAML_LIST || list->count == 0) {
        faults_add(faults, path, list ? list->line : 0, "%s: %s; write a list of name and template",
                   lists[multiple], list ? "is not a list, or is empty" : "is missing");
        return;
    }
    if (!multiple && list->count > 1)
        faults_add(faults, path, list->line,
                   "default_prompt: has %zu entries; keep one, and put the others into "
                   "multiple_prompts",
                   list->count);
    for (size_t i = 0; i < list->count; i++)
        read_entry(list->value[i], texts, faults);
}

/* `root` NULL: it cannot be read, as `error` says. Deletes it. */
static void read_root(struct yaml *root, const char *path, bool multiple, const struct error *error,
                      struct prompt_texts *texts, struct faults *faults)
{
    if (!root) {
        faults_add(faults, NULL, 0, "%s", error->text);
    } else if (root->kind != YAML_MAPPING) {
        faults_add(faults, path, root->line,
                   "is not a prompt file; it has lists default_prompt and multiple_prompts");
    } else {
        check_keys(root, lists, LISTS, faults);
        read_list(root, path, multiple, texts, faults);
    }
    yaml_delete(root);
}

bool texts_read(const char *path, bool multiple, struct prompt_texts *texts, struct faults *faults)
{
    size_t before = faults->count;
    struct error error;

    read_root(yaml_read(path, &error), path, multiple, &error, texts, faults);
    return faults->count == before;
}

void texts_read_shipped(bool multiple, struct prompt_texts *texts, struct faults *faults)
{
    static const char name[] = "the shipped prompts";
    const char *text = shipped_find("prompts:standard")->text;
    struct error error;

    read_root(yaml_parse(text, strlen(text), name, &error), name, multiple, &error, texts, faults);
}

void texts_clear(struct prompt_texts *texts)
{
    for (size_t i = 0; i < texts->count; i++) {
        free(texts->text[i].name);
        free(texts->text[i].template);
    }
    free(texts->text);
    *texts = (struct prompt_texts){0};
}
