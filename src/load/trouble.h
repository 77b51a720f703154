/* What this machine lacked where no connection was made, by errno; inside this room. */
#ifndef LOAD_TROUBLE_H
#define LOAD_TROUBLE_H

#include "record/request.h"

/* The end that a socket(2) or connect(2) with this errno means; REQUEST_COMPLETED for an errno that
 * a server may have caused, and for 0. */
enum request_end trouble_end(int error);

/* What to do about a local end, beginning with "; "; "" for others. */
const char *trouble_remedy(enum request_end end);

#endif
