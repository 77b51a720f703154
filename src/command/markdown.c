#include "command/markdown.h"

#include <stdio.h>
#include <stdlib.h>

#include "command/setting_text.h"
#include "core/memory.h"
#include "core/text.h"
#include "serve/http/route.h"
#include "telemetry/known.h"
#include "telemetry/known_state.h"

/* A cell's text: a bar would end the cell. */
static void print_cell(const char *text)
{
    for (; *text; text++) {
        if (*text == '|')
            putchar('\\');
        putchar(*text);
    }
}

static void print_line(const struct setting *setting, const char *key)
{
    struct text type = {0}, fallback = {0};

    setting_text_type(&type, setting);
    setting_text_default(&fallback, setting, "");
    printf("| `%s` | ", key);
    print_cell(type.bytes);
    fputs(" | ", stdout);
    print_cell(fallback.bytes);
    fputs(" | ", stdout);
    print_cell(setting->help);
    puts(" |");
    text_clear(&type);
    text_clear(&fallback);
}

static void print_lines(const struct setting *table, const char *prefix)
{
    for (const struct setting *s = table; s->name; s++) {
        char *key = memory_printf("%s%s", prefix, s->name);

        print_line(s, key);
        if (s->members) {
            char *longer = memory_printf("%s%s", key, s->type == SETTING_LIST ? "[]." : ".");

            print_lines(s->members, longer);
            free(longer);
        }
        free(key);
    }
}

void markdown_settings(const struct setting *table)
{
    puts("| key | type | default | meaning |\n|---|---|---|---|");
    print_lines(table, "");
}

void markdown_servers(void)
{
    puts("| told as | by | is |\n|---|---|---|");
    for (const struct known_metric *known = known_metrics; known->name; known++) {
        printf("| `%s", known->name);
        if (known->label)
            printf("{%s%s\"%s\"}", known->label, known->value[0] == '!' ? "!=" : "=",
                   known->value + (known->value[0] == '!'));
        printf("` | %s | `%s`", known->server, quantity_names[known->quantity]);
        if (known->scale < 0)
            printf(", taken off");
        puts(" |");
    }
}

void markdown_states(void)
{
    struct text lines = {0};

    puts(
        "| source | what is loaded | as it happens | to load | to unload |\n|---|---|---|---|---|");
    known_state_add_table(&lines);
    fputs(lines.bytes, stdout);
    text_clear(&lines);
}

void markdown_routes(void)
{
    static const char *const needs[] = {[ROUTE_OPEN] = "nothing",
                                        [ROUTE_PAGE] = "the cookie",
                                        [ROUTE_API] = "the secret",
                                        [ROUTE_READER] = "either"};

    puts("| request | needs | is |\n|---|---|---|");
    for (const struct route *route = route_table; route->method; route++)
        printf("| `%s %s` | %s | %s |\n", route->method, route->path, needs[route->access],
               route->summary);
}
