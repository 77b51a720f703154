#include "command/completion.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command/command.h"
#include "command/help.h"
#include "core/memory.h"
#include "core/setting.h"
#include "plan/settings.h"

/* What a shell may put in place of an argument. */
enum completes {
    COMPLETES_NOTHING,
    COMPLETES_FILE,
    COMPLETES_DIRECTORY,
    COMPLETES_SETTING,
    COMPLETES_WORDS
};

static enum completes option_completes(const char *argument)
{
    if (strcmp(argument, "FILE") == 0)
        return COMPLETES_FILE;
    if (strcmp(argument, "DIR") == 0)
        return COMPLETES_DIRECTORY;
    if (strcmp(argument, "KEY=VALUE") == 0)
        return COMPLETES_SETTING;
    return strchr(argument, '|') || islower((unsigned char)*argument) ? COMPLETES_WORDS
                                                                      : COMPLETES_NOTHING;
}

/* What a command works on: paths, or models, which no file lists. */
static enum completes command_completes(const struct command *command)
{
    if (command->most == 0 || strncmp(command->arguments, "MODEL", 5) == 0)
        return COMPLETES_NOTHING;
    return strstr(command->arguments, "DIR") || strstr(command->arguments, "RUN")
               ? COMPLETES_DIRECTORY
               : COMPLETES_FILE;
}

/* Prints "one|other" with blanks between. */
static void print_choices(const char *argument)
{
    for (; *argument; argument++)
        putchar(*argument == '|' ? ' ' : *argument);
}

static const char *const truths[] = {"true", "false", NULL};

/* The values a setting can have, or NULL where they cannot be listed. */
static const char *const *setting_values(const struct setting *setting)
{
    return setting->type == SETTING_TRUTH ? truths : setting->choices;
}

/* Calls `print` for every setting that can be set alone, with its dotted key. */
static void each_setting(const struct setting *table, const char *prefix,
                         void (*print)(const struct setting *setting, const char *key))
{
    for (const struct setting *s = table; s->name; s++) {
        char *key = memory_printf("%s%s", prefix, s->name);

        if (s->type == SETTING_GROUP) {
            char *longer = memory_printf("%s.", key);

            each_setting(s->members, longer, print);
            free(longer);
        } else {
            print(s, key);
        }
        free(key);
    }
}

static void print_command_names(void)
{
    for (size_t i = 0; command_table[i]; i++)
        printf("%s ", command_table[i]->name);
}

static bool names_command(const char *word)
{
    for (size_t i = 0; command_table[i]; i++) {
        if (strcmp(command_table[i]->name, word) == 0)
            return true;
    }
    return false;
}

/* Calls `print` for every topic of help that no command is named like. */
static void each_topic(void (*print)(const struct help_topic *topic))
{
    struct help_topic topic;

    for (size_t i = 0; help_topic_at(i, &topic); i++) {
        if (!names_command(topic.name))
            print(&topic);
    }
}

/* --- bash ------------------------------------------------------------------------------------- */

static const char bash_body[] =
    "# Offers the words of $1 that begin with what stands at the cursor, behind $prefix.\n"
    "_coebench_offer()\n"
    "{\n"
    "    [[ $COMP_WORDBREAKS == *=* ]] && prefix= # readline replaces what is behind the =\n"
    "    COMPREPLY=($(compgen -P \"$prefix\" -W \"$1\" -- \"$current\"))\n"
    "}\n"
    "\n"
    "_coebench_setting()\n"
    "{\n"
    "    local key=${current%%=*}\n"
    "    if [[ $current == *=* ]]; then\n"
    "        prefix+=$key=\n"
    "        current=${current#*=}\n"
    "        _coebench_values \"$key\"\n"
    "        _coebench_offer \"$values\"\n"
    "    else\n"
    "        compopt -o nospace\n"
    "        _coebench_offer \"$keys\"\n"
    "    fi\n"
    "}\n"
    "\n"
    "_coebench()\n"
    "{\n"
    "    local line=${COMP_LINE:0:COMP_POINT} prefix= commands keys options takes values\n"
    "    local -a words\n"
    "    read -ra words <<<\"$line\" # not COMP_WORDS, which part at every =\n"
    "    [[ $line == *[[:blank:]] ]] && words+=('')\n"
    "    local current=${words[-1]} previous=${words[-2]} last=${#words[@]}\n"
    "    COMPREPLY=()\n"
    "    if [[ $current == --*=* ]]; then\n"
    "        previous=${current%%=*}\n"
    "        prefix=$previous=\n"
    "        current=${current#*=}\n"
    "    fi\n"
    "    _coebench_table \"${words[1]}\" \"$previous\"\n"
    "    if ((last == 2)); then\n"
    "        _coebench_offer \"$commands help --help --version\"\n"
    "        return\n"
    "    fi\n"
    "    [[ \" ${words[*]:2:last-3} \" == *' -- '* ]] && options=\n"
    "    if [[ -z $takes || ($current == -* && -n $options) ]]; then\n"
    "        _coebench_offer \"$options\"\n"
    "        return\n"
    "    fi\n"
    "    case $takes in\n"
    "    file) compopt -o default ;; # readline's own, which knows quotes and ~\n"
    "    directory) compopt -o dirnames ;;\n"
    "    setting) _coebench_setting ;;\n"
    "    words) _coebench_offer \"$values\" ;;\n"
    "    esac\n"
    "}\n"
    "\n"
    "complete -F _coebench coebench";

static const char *const bash_takes[] = {
    [COMPLETES_NOTHING] = "nothing",     [COMPLETES_FILE] = "file",
    [COMPLETES_DIRECTORY] = "directory", [COMPLETES_SETTING] = "setting",
    [COMPLETES_WORDS] = "words",
};

static void bash_key(const struct setting *setting, const char *key)
{
    (void)setting;
    printf("%s= ", key);
}

static void bash_values(const struct setting *setting, const char *key)
{
    const char *const *values = setting_values(setting);

    if (!values)
        return;
    printf("    %s) values='", key);
    for (; *values; values++)
        printf("%s ", *values);
    puts("' ;;");
}

static void bash_option(const struct option *option)
{
    enum completes completes = option_completes(option->argument);

    printf("        --%s", option->name);
    if (option->letter)
        printf("|-%c", option->letter);
    printf(") takes=%s", bash_takes[completes]);
    if (completes == COMPLETES_WORDS) {
        printf(" values='");
        print_choices(option->argument);
        putchar('\'');
    }
    puts(" ;;");
}

static void bash_command(const struct command *command)
{
    printf("    %s)\n        options='", command->name);
    for (const struct option *o = command->options; o && o->name; o++) {
        printf("--%s ", o->name);
        if (o->letter)
            printf("-%c ", o->letter);
    }
    puts("--help'");
    if (command->most > 0)
        printf("        takes=%s\n", bash_takes[command_completes(command)]);
    puts("        case $2 in");
    for (const struct option *o = command->options; o && o->name; o++) {
        if (o->argument)
            bash_option(o);
    }
    puts("        esac\n        ;;");
}

static void bash_topic(const struct help_topic *topic)
{
    printf("%s ", topic->name);
}

static void print_bash(void)
{
    printf("# bash completion for coebench %s, by: coebench manual --completion bash\n\n"
           "# Sets what there is, what command $1 offers, and what may stand behind the word $2.\n"
           "_coebench_table()\n{\n    commands='",
           COEBENCH_VERSION);
    print_command_names();
    printf("'\n    keys='");
    each_setting(settings_table, "", bash_key);
    puts("'\n    options= takes= values=\n    case $1 in");
    for (size_t i = 0; command_table[i]; i++)
        bash_command(command_table[i]);
    printf("    help) takes=words values=\"$commands ");
    each_topic(bash_topic);
    puts("\" ;;\n    esac\n}\n\n"
         "# The values that a setting can have, where they can be listed.\n"
         "_coebench_values()\n{\n    case $1 in");
    each_setting(settings_table, "", bash_values);
    puts("    esac\n}\n");
    puts(bash_body);
}

/* --- zsh -------------------------------------------------------------------------------------- */

/* A text inside a quoted specification of _arguments or _values. */
static void zsh_text(const char *text)
{
    for (; *text; text++) {
        if (*text == '\'')
            fputs("'\\''", stdout);
        else if (strchr("[]:\\", *text))
            printf("\\%c", *text);
        else
            putchar(*text);
    }
}

/* ":FILE:_files": a name and what may stand for it. */
static void zsh_argument(const char *argument, enum completes completes)
{
    static const char *const actions[] = {
        [COMPLETES_NOTHING] = " ",
        [COMPLETES_FILE] = "_files",
        [COMPLETES_DIRECTORY] = "_files -/",
        [COMPLETES_SETTING] = "_coebench_setting",
    };

    printf(":%s:", argument);
    if (completes == COMPLETES_WORDS) {
        putchar('(');
        print_choices(argument);
        putchar(')');
    } else {
        fputs(actions[completes], stdout);
    }
}

/* "'*--set=[", or "'(-n --requests)'{-n+,--requests=}'[": either name rules out the other. */
static void zsh_option_names(const struct option *option)
{
    const char *equals = option->argument ? "=" : "", *plus = option->argument ? "+" : "";
    bool repeats = option->type == OPTION_TEXTS;

    if (!option->letter)
        printf("'%s--%s%s[", repeats ? "*" : "", option->name, equals);
    else if (repeats)
        printf("'*'{-%c%s,--%s%s}'[", option->letter, plus, option->name, equals);
    else
        printf("'(-%c --%s)'{-%c%s,--%s%s}'[", option->letter, option->name, option->letter, plus,
               option->name, equals);
}

static void zsh_option(const struct option *option)
{
    fputs(" \\\n            ", stdout);
    zsh_option_names(option);
    zsh_text(option->help);
    putchar(']');
    if (option->argument)
        zsh_argument(option->argument, option_completes(option->argument));
    putchar('\'');
}

static void zsh_command(const struct command *command)
{
    printf("    %s)\n        _arguments -s -S '(- *)--help[explain the command]'", command->name);
    for (const struct option *o = command->options; o && o->name; o++)
        zsh_option(o);
    if (command->most > 0) {
        printf(" \\\n            '*");
        if (command_completes(command) == COMPLETES_NOTHING)
            printf(":%s:()", command->arguments); /* a message would keep options from coming in */
        else
            zsh_argument(command->arguments, command_completes(command));
        putchar('\'');
    }
    puts("\n        ;;");
}

static void zsh_setting(const struct setting *setting, const char *key)
{
    const char *const *values = setting_values(setting);

    printf(" \\\n        '%s[", key);
    zsh_text(setting->help);
    printf("]:%s:", setting->unit ? setting->unit : "value");
    for (size_t i = 0; values && values[i]; i++)
        printf("%s%s", i ? " " : "(", values[i]);
    fputs(values ? ")'" : " '", stdout);
}

static const char zsh_tail[] = "    )\n"
                               "        _describe topic commands ;;\n"
                               "    esac\n"
                               "}\n"
                               "\n"
                               "if [[ ${funcstack[1]} == _coebench ]]; then\n"
                               "    _coebench \"$@\" # found in fpath\n"
                               "else\n"
                               "    compdef _coebench coebench\n"
                               "fi";

static void zsh_topic(const struct help_topic *topic)
{
    size_t length;
    const char *summary = help_topic_summary(topic, &length);
    char *words = memory_printf("%.*s", (int)length, summary);

    printf("        '%s:", topic->name);
    zsh_text(words);
    puts("'");
    free(words);
}

static void print_zsh(void)
{
    printf("#compdef coebench\n"
           "# zsh completion for coebench %s, by: coebench manual --completion zsh\n\n"
           "_coebench_setting()\n{\n    _values setting",
           COEBENCH_VERSION);
    each_setting(settings_table, "", zsh_setting);
    puts("\n}\n\n_coebench()\n{\n    local -a commands=(");
    for (size_t i = 0; command_table[i]; i++) {
        printf("        '%s:", command_table[i]->name);
        zsh_text(command_table[i]->summary);
        puts("'");
    }
    puts("    )\n"
         "    if ((CURRENT == 2)); then\n"
         "        commands+=('help:explain a command, or print a page')\n"
         "        _describe command commands\n"
         "        return\n"
         "    fi\n"
         "    local command=${words[2]}\n"
         "    shift words\n"
         "    ((CURRENT--))\n"
         "    case $command in");
    for (size_t i = 0; command_table[i]; i++)
        zsh_command(command_table[i]);
    puts("    help)\n        commands+=(");
    each_topic(zsh_topic);
    puts(zsh_tail);
}

bool completion_print(const char *shell)
{
    if (strcmp(shell, "bash") == 0)
        print_bash();
    else if (strcmp(shell, "zsh") == 0)
        print_zsh();
    else
        return false;
    return true;
}
