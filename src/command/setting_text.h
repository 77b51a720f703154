/* What a setting takes, in words, from its line in a table of settings (core/setting.h): the manual
 * and the tables of docs/ share them. */
#ifndef COMMAND_SETTING_TEXT_H
#define COMMAND_SETTING_TEXT_H

#include "core/setting.h"
#include "core/text.h"

/* Adds "number, 0 to 60 s", "one of a, b or c". */
void setting_text_type(struct text *text, const struct setting *setting);

/* Adds `before` and the default with its unit; where there is no default "; required" or
 * "; optional", the latter two without "; " where `before` is empty. */
void setting_text_default(struct text *text, const struct setting *setting, const char *before);

#endif
