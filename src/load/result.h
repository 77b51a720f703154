/* libcurl's results in our words; inside this room. */
#ifndef LOAD_RESULT_H
#define LOAD_RESULT_H

#include <curl/curl.h>

#include "record/request.h"

/* How a transfer that libcurl gave up on ended, by its result, by what it says of it (`told`, which
 * may be "") and by what had been done: `sent`, the request was on its way; `answered`, some of the
 * body had come. What no server can have caused is REQUEST_LOCAL_ERROR, and so is a result that
 * the table does not hold. */
enum request_end result_end(CURLcode result, const char *told, bool sent, bool answered);

/* Whether the table holds the result: from 7.88 to 8.14 it holds all. */
bool result_is_known(CURLcode result);

#endif
