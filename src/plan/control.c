#include "plan/control.h"

#include <string.h>

static const char key[] = "before_step";

/* STATE_CONTROLS: it is none of them. */
static enum state_control find_word(const char *word)
{
    for (int i = 0; i < STATE_CONTROL_COMMAND; i++) {
        if (strcmp(word, state_control_words[i]) == 0)
            return (enum state_control)i;
    }
    return STATE_CONTROLS;
}

enum state_control control_asked(const struct settings *settings)
{
    const struct setting_list *words = &settings->before_step;
    enum state_control word = STATE_CONTROLS;

    if (words->count == 0)
        return STATE_CONTROL_NONE;
    if (words->count == 1)
        word = find_word(((char *const *)words->items)[0]);
    return word == STATE_CONTROLS ? STATE_CONTROL_COMMAND : word;
}

void control_spell_out(struct yaml *root, struct faults *faults)
{
    const struct yaml *given = yaml_find(root, key);
    enum state_control word;
    struct error error;
    struct yaml *list;
    struct text text = {0};

    if (!given || given->kind != YAML_SCALAR || yaml_is_null(given))
        return;
    word = find_word(given->scalar);
    if (word == STATE_CONTROLS)
        faults_add(faults, given->source, given->line,
                   "before_step: '%.100s' is not known; write none, unload_all, unload_this, "
                   "load_this, or a command as a list of words, such as [./reset.sh, --quiet]",
                   given->scalar);
    text_printf(&text, "[%s]", state_control_words[word == STATE_CONTROLS ? 0 : word]);
    list = yaml_parse(text.bytes, text.length, given->source, &error);
    list->line = given->line;
    yaml_put(root, key, list);
    text_clear(&text);
}

/* A command line is what others may have written, as in a manifest that is resumed. */
static void check_command(const struct settings *settings, struct faults *faults)
{
    if (yaml_find(settings->document, key)->line == 0)
        settings_fault(settings, faults, key,
                       "a command is taken from a config alone, not from an option; write it there "
                       "as a list of words");
}

void control_check(const struct settings *settings, struct faults *faults)
{
    enum state_control asked = control_asked(settings);

    if (asked == STATE_CONTROL_COMMAND)
        check_command(settings, faults);
    if (asked != STATE_CONTROL_NONE && settings->concurrency_enabled)
        settings_fault(settings, faults, key,
                       "rows that run beside each other would lose what they use; leave out "
                       "concurrency_enabled, or before_step");
    if (asked != STATE_CONTROL_NONE && asked != STATE_CONTROL_COMMAND &&
        settings->residency_source == STATE_SOURCE_VLLM)
        settings_fault(settings, faults, key,
                       "vllm loads and unloads no model while it runs; leave out before_step, or "
                       "name a command");
}
