#include "plan/run_name.h"

#include <string.h>

enum { NAME_MOST = 100 };

bool run_name_check(const char *name, struct error *error)
{
    if (!*name || strlen(name) > NAME_MOST || name[0] == '.' ||
        name[strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-")])
        return error_set(error,
                         "'%.60s' cannot name a folder; use up to %d letters, digits, '-', '_' and "
                         "'.', not beginning with '.'",
                         name, NAME_MOST);
    if (strstr(name, "summary") || strstr(name, "individual_responses"))
        return error_set(error,
                         "'%s' holds a word by which tools find result files (summary, "
                         "individual_responses); choose another",
                         name);
    return true;
}
