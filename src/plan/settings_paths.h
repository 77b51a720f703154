/* The paths among the settings, as files and folders to open. */
#ifndef PLAN_SETTINGS_PATHS_H
#define PLAN_SETTINGS_PATHS_H

#include "plan/settings.h"

/* Replaces ${NAME} in each by the environment's value (expand.h) and a leading ~ by $HOME, and
 * finds input files from the working directory or beside the config (file_find). A fault for each
 * that names a variable which is not set; that path is then NULL. */
void settings_find_paths(struct settings *settings, const char *config_path, struct faults *faults);

#endif
