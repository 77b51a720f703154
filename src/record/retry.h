/* Which failed requests are sent again. Plain data; plan/ reads it, load/ goes by it. */
#ifndef RECORD_RETRY_H
#define RECORD_RETRY_H

#include <stdbool.h>
#include <stdint.h>

#include "record/request.h"

enum { RETRY_STATUS_MOST = 600 };

struct retry {
    int64_t attempts; /* how often a request may be sent again; 0: never */
    double max_wait_s;
    bool on_end[REQUEST_ENDS];         /* failures that are no HTTP status … */
    bool on_status[RETRY_STATUS_MOST]; /* … and those that are */
};

#endif
