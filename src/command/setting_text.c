#include "command/setting_text.h"

static const char *type_name(enum setting_type type)
{
    static const char *const names[] = {
        [SETTING_TRUTH] = "true or false",   [SETTING_INTEGER] = "whole number",
        [SETTING_NUMBER] = "number",         [SETTING_TEXT] = "text",
        [SETTING_CHOICE] = "one of ",        [SETTING_JSON] = "mapping",
        [SETTING_GROUP] = "group",           [SETTING_LIST] = "list",
        [SETTING_NUMBERS] = "numbers",       [SETTING_WORDS] = "words",
        [SETTING_IGNORED] = "not looked at",
    };

    return names[type];
}

static void add_choices(struct text *text, const char *const *choices)
{
    for (size_t i = 0; choices[i]; i++) {
        if (i > 0)
            text_add_string(text, choices[i + 1] ? ", " : " or ");
        text_add_string(text, choices[i]);
    }
}

void setting_text_type(struct text *text, const struct setting *setting)
{
    const char *unit = setting->unit ? setting->unit : "";
    const char *blank = setting->unit ? " " : "";

    text_add_string(text, type_name(setting->type));
    if (setting->choices)
        add_choices(text, setting->choices);
    if (setting->least != 0 || setting->most != 0) {
        text_add_string(text, ", ");
        text_add_number(text, setting->least);
        text_add_string(text, " to ");
        text_add_number(text, setting->most);
        text_printf(text, "%s%s", blank, unit);
    } else if (setting->unit) {
        text_printf(text, ", in %s", unit);
    }
}

void setting_text_default(struct text *text, const struct setting *setting, const char *before)
{
    if (setting->fallback)
        text_printf(text, "%s%s%s%s", before, setting->fallback, setting->unit ? " " : "",
                    setting->unit ? setting->unit : "");
    else
        text_printf(text, "%s%s", *before ? "; " : "", setting->required ? "required" : "optional");
}
