/* An address whose scheme, http or https, is not what its port speaks; inside this room. */
#ifndef LOAD_SCHEME_H
#define LOAD_SCHEME_H

#include <curl/curl.h>

#include "load/target.h"

/* What to look at where a first exchange failed as it does with the other scheme: by libcurl's
 * result and sentence, or by an error page's text (result CURLE_OK). Begins with "; "; "" where
 * nothing speaks for it. */
const char *scheme_hint(const struct target *target, CURLcode result, const char *reported);

#endif
