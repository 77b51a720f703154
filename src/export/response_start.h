/* When a request began, in people's time, as its file has it. For this room alone. */
#ifndef EXPORT_RESPONSE_START_H
#define EXPORT_RESPONSE_START_H

#include "store/responses.h"

/* The last response's `start_timestamp_utc`, for the caller to free; NULL: the file does not tell
 * it, as those of the starter kit. */
char *response_start(const struct response_reader *reader);

#endif
