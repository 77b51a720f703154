/* What a shell needs to complete a command line of ours, made from the tables of commands and
 * settings: commands, options, files, and the keys of --set with their choices. */
#ifndef COMMAND_COMPLETION_H
#define COMMAND_COMPLETION_H

#include <stdbool.h>

/* Prints the script for "bash" or "zsh" to stdout; false for any other shell. */
bool completion_print(const char *shell);

#endif
