/* Every command. Adding one is its own file, a line here and one in command.h. */
#include "command/command.h"

/* clang-format off */
const struct command *const command_table[] = {
    &command_run,
    &command_plan,
    &command_rows,
    &command_calibrate,
    &command_report, &command_switching, &command_compare,
    &command_simulate,
    &command_selftest,
    &command_manual,
    NULL,
};
/* clang-format on */
