/* Every command. Adding one is its own file, a line here and one in command.h. */
#include <string.h>

#include "command/command.h"

/* clang-format off */
const struct command *const command_table[] = {
    &command_run,
    &command_stop,
    &command_bench,
    &command_try,
    &command_chat,
    &command_plan,
    &command_search,
    &command_rows,
    &command_calibrate,
    &command_report, &command_switching, &command_compare,
    &command_export,
    &command_index,
    &command_history,
    &command_trace,
    &command_serve,
    &command_simulate,
    &command_selftest,
    &command_init,
    &command_manual,
    NULL,
};
/* clang-format on */

const struct command *command_find(const char *name)
{
    for (size_t i = 0; command_table[i]; i++) {
        if (strcmp(command_table[i]->name, name) == 0)
            return command_table[i];
    }
    return NULL;
}
