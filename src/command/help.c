#include "command/help.h"

#include <stdio.h>
#include <string.h>

#include "command/command.h"
#include "core/word.h"

enum { NAMES_MOST = 128 };

/* Made from docs/: of each page its name and its text, each ended by a zero byte; an empty name
 * ends the list. */
extern const char help_pages[];

bool help_topic_at(size_t index, struct help_topic *topic)
{
    const char *name = help_pages;
    const char *text = name + strlen(name) + 1;

    for (; *name && index > 0; index--) {
        name = text + strlen(text) + 1;
        text = name + strlen(name) + 1;
    }
    if (!*name)
        return false;
    *topic = (struct help_topic){name, text};
    return true;
}

const char *help_topic_summary(const struct help_topic *topic, size_t *length)
{
    const char *heading = topic->text + strspn(topic->text, "# ");
    size_t whole = strcspn(heading, "\n");
    const char *colon = memchr(heading, ':', whole);
    const char *summary = colon ? colon + 1 + strspn(colon + 1, " ") : heading;

    *length = whole - (size_t)(summary - heading);
    return summary;
}

static void print_topics(void)
{
    struct help_topic topic;

    puts("\nTopics:");
    for (size_t i = 0; help_topic_at(i, &topic); i++) {
        size_t length;
        const char *summary = help_topic_summary(&topic, &length);

        printf("  %-15s %.*s\n", topic.name, (int)length, summary);
    }
}

void help_print(void)
{
    puts("usage: coebench COMMAND [OPTION…] [ARGUMENT…]\n\n"
         "Measures an endpoint that hosts many models: runs the rows of a CSV one after another,\n"
         "estimates what each switch of model cost, and leaves JSON per row, a workbook and a "
         "page.\n\n"
         "Commands:");
    for (size_t i = 0; command_table[i]; i++)
        printf("  %-10s %s\n", command_table[i]->name, command_table[i]->summary);
    print_topics();
    puts("\n'coebench COMMAND --help' explains a command, 'coebench help TOPIC' prints a page.\n"
         "Start with: coebench help getting-started.");
}

static const char *name_at(const void *names, size_t i)
{
    return ((const char *const *)names)[i];
}

static int unknown(const char *word)
{
    const char *names[NAMES_MOST];
    size_t count = 0;
    struct help_topic topic;
    const char *near;

    for (size_t i = 0; command_table[i] && count < NAMES_MOST; i++)
        names[count++] = command_table[i]->name;
    for (size_t i = 0; count < NAMES_MOST && help_topic_at(i, &topic); i++)
        names[count++] = topic.name;
    near = word_nearest(word, names, count, name_at);
    fprintf(stderr, "coebench: no command or topic '%s'", word);
    if (near)
        fprintf(stderr, "; did you mean '%s'?\n", near);
    else
        fputs("; 'coebench help' lists them\n", stderr);
    return EXIT_BAD_INPUT;
}

static bool find_topic(const char *name, struct help_topic *topic)
{
    for (size_t i = 0; help_topic_at(i, topic); i++) {
        if (strcmp(topic->name, name) == 0)
            return true;
    }
    return false;
}

int help_call(const char *name)
{
    const struct command *command = command_find(name);
    struct help_topic topic;
    bool found = find_topic(name, &topic);

    if (!command && !found)
        return unknown(name);
    if (command)
        command_help(command);
    if (command && found)
        putchar('\n');
    if (found)
        fputs(topic.text, stdout);
    return EXIT_DONE;
}
