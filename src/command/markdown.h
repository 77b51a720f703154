/* Tables of settings in Markdown, to stdout, for the pages of docs/. */
#ifndef COMMAND_MARKDOWN_H
#define COMMAND_MARKDOWN_H

#include "core/setting.h"

/* Prints a table of key, type, default and meaning, a line for each setting. Members of a group
 * stand behind it as "group.key", those of a list as "list[].key". */
void markdown_settings(const struct setting *table);

/* What known servers call what they tell, and its name in results, a line for each
 * (telemetry/known.h). */
void markdown_servers(void);

/* How known servers are asked what is loaded, and told what to load, a line for each
 * (telemetry/known_state.h). */
void markdown_states(void);

/* What the workbench responds to, a line for each route (serve/http/route.h). */
void markdown_routes(void);

#endif
