/* What a finish reason means: whether it is one, whether the engine gave the request up, and
 * whether the model ended by itself. One table of words for all dialects. */
#ifndef WIRE_FINISH_H
#define WIRE_FINISH_H

#include <stdbool.h>

/* False for the words by which servers name none: "", "null", "none", in any letter case. */
bool finish_is_real(const char *reason);

/* Whether the server gave the request up (abort, aborted, error, cancelled, canceled, preempted,
 * timeout; any letter case): such a response is no success, whatever the status says. */
bool finish_is_failure(const char *reason);

/* Whether the model ended by itself, before the length that was asked for (stop, tool_calls and
 * what other dialects call these; any letter case). */
bool finish_is_early(const char *reason);

/* Whether a filter cut the response (content_filter, refusal; any letter case). */
bool finish_is_filtered(const char *reason);

#endif
