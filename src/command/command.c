#include "command/command.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "core/word.h"

static int usage(const struct command *command, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static int usage(const struct command *command, const char *format, ...)
{
    va_list arguments;

    fprintf(stderr, "coebench %s: ", command->name);
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fprintf(stderr, "; see 'coebench %s --help'\n", command->name);
    return EXIT_BAD_INPUT;
}

static bool returns(const struct command *command, enum exit_code code)
{
    for (size_t i = 0; command->exits[i]; i++) {
        if (command->exits[i] == code)
            return true;
    }
    return code == EXIT_DONE || code == EXIT_BAD_INPUT;
}

static void print_exits(const struct command *command)
{
    puts("\nExit codes:");
    for (const struct exit_words *exit = exit_table; exit->words; exit++) {
        if (returns(command, exit->code))
            printf("  %3d  %s\n", (int)exit->code, exit->words);
    }
}

char *option_words(const struct option *option)
{
    char letter[] = {'-', option->letter, ',', ' ', '\0'};

    return memory_printf("%s--%s%s%s", option->letter ? letter : "", option->name,
                         option->argument ? " " : "", option->argument ? option->argument : "");
}

void command_help(const struct command *command)
{
    printf("usage: coebench %s%s%s%s\n\n%s\n", command->name, command->options ? " [OPTION…]" : "",
           *command->arguments ? " " : "", command->arguments, command->help);
    if (command->options)
        puts("\nOptions:");
    for (const struct option *o = command->options; o && o->name; o++) {
        char *left = option_words(o);

        printf("  %-22s %s\n", left, o->help);
        free(left);
    }
    print_exits(command);
}

static const char *name_at(const void *options, size_t i)
{
    return ((const struct option *)options)[i].name;
}

static const struct option *find(const struct command *command, const char *name, size_t length)
{
    for (const struct option *o = command->options; o && o->name; o++) {
        if (strlen(o->name) == length && strncmp(o->name, name, length) == 0)
            return o;
    }
    return NULL;
}

static const struct option *find_letter(const struct command *command, char letter)
{
    for (const struct option *o = command->options; o && o->name; o++) {
        if (o->letter == letter)
            return o;
    }
    return NULL;
}

static int unknown(const struct command *command, const char *word)
{
    static const char *const always[] = {"help", NULL};
    size_t count = 0;
    const char *near;

    while (command->options && command->options[count].name)
        count++;
    near = word_nearest(word + strspn(word, "-"), command->options, count, name_at);
    if (!near)
        near = word_nearest_in(word + strspn(word, "-"), always);
    if (near)
        return usage(command, "unknown option '%s'; did you mean '--%s'?", word, near);
    return usage(command, "unknown option '%s'", word);
}

static int store(const struct command *command, const struct option *option, void *options,
                 const char *value)
{
    void *target = (char *)options + option->offset;
    struct option_texts *texts = target;

    switch (option->type) {
    case OPTION_FLAG:
        *(bool *)target = true;
        break;
    case OPTION_TEXT:
        if (*(const char **)target)
            return usage(command, "--%s appears twice; keep one", option->name);
        *(const char **)target = value;
        break;
    case OPTION_INTEGER:
        if (!word_integer(value, target))
            return usage(command, "--%s takes a whole number, not '%s'", option->name, value);
        break;
    case OPTION_TEXTS:
        if (texts->count == OPTION_TEXTS_MOST)
            return usage(command, "--%s may appear at most %d times", option->name,
                         OPTION_TEXTS_MOST);
        texts->text[texts->count++] = value;
        break;
    }
    return EXIT_DONE;
}

/* Stores the value, or what the next word says where there is none here. */
static int take_value(const struct command *command, const struct option *option, const char *value,
                      char ***words, void *options)
{
    if (option->type != OPTION_FLAG && !value) {
        value = (*words)[1];
        if (!value)
            return usage(command, "--%s needs a value: --%s %s", option->name, option->name,
                         option->argument);
        ++*words;
    }
    return store(command, option, options, value);
}

/* "-n5", "-n" "5", and flags behind one dash: "-qv", "-qn5". */
static int parse_letters(const struct command *command, char ***words, void *options)
{
    const char *word = **words;
    int fault = EXIT_DONE;

    for (const char *letter = word + 1; *letter && !fault; letter++) {
        const struct option *option = find_letter(command, *letter);

        if (!option)
            return unknown(command, word);
        if (option->type != OPTION_FLAG)
            return take_value(command, option, letter[1] ? letter + 1 : NULL, words, options);
        fault = take_value(command, option, NULL, words, options);
    }
    return fault;
}

/* One word that begins with a dash; takes the next word where the option needs a value. */
static int parse_option(const struct command *command, char ***words, void *options)
{
    const char *word = **words;
    size_t length = strcspn(word + 2, "=");
    const struct option *option = word[1] == '-' && length ? find(command, word + 2, length) : NULL;
    const char *value = option && word[2 + length] == '=' ? word + 2 + length + 1 : NULL;

    if (word[1] != '-')
        return parse_letters(command, words, options);
    if (!option)
        return unknown(command, word);
    if (option->type == OPTION_FLAG && value)
        return usage(command, "--%s takes no value", option->name);
    return take_value(command, option, value, words, options);
}

/* Fills `options`, and `arguments` with what is no option. */
static int parse(const struct command *command, char **words, void *options, char **arguments)
{
    size_t count = 0;
    bool literal = false;

    for (; *words; words++) {
        int fault = EXIT_DONE;

        if (!literal && strcmp(*words, "--") == 0)
            literal = true;
        else if (!literal && (*words)[0] == '-' && (*words)[1] != '\0')
            fault = parse_option(command, &words, options);
        else if (count == command->most)
            fault = usage(command, "too many arguments: '%s'", *words);
        else
            arguments[count++] = *words;
        if (fault)
            return fault;
    }
    if (count < command->least)
        return usage(command, "an argument is missing: coebench %s %s", command->name,
                     command->arguments);
    return EXIT_DONE;
}

bool command_asks_for_help(char **words)
{
    for (; *words && strcmp(*words, "--") != 0; words++) {
        if (strcmp(*words, "--help") == 0 || strcmp(*words, "-h") == 0)
            return true;
    }
    return false;
}

int command_call(const struct command *command, char **words)
{
    void *options = memory_new(1, command->options_size);
    char **arguments = memory_new(command->most + 1, sizeof *arguments);
    int code = EXIT_DONE;

    if (command_asks_for_help(words)) {
        command_help(command);
    } else {
        code = parse(command, words, options, arguments);
        if (code == EXIT_DONE)
            code = command->run(options, arguments);
    }
    free(options);
    free(arguments);
    return code;
}
