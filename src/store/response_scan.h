/* One response's JSON object read in one pass over its bytes, without a tree: of a million requests
 * there are gigabytes. Takes what our own files hold and nearly all that JSON is; where it is not
 * sure that cJSON would find the same, it leaves the object to that. For the room alone. */
#ifndef STORE_RESPONSE_SCAN_H
#define STORE_RESPONSE_SCAN_H

#include "store/response_members.h"

/* What is remembered from one object of a file to the next: their keys come in one order. */
struct response_scan;

struct response_scan *response_scan_new(void);

/* Reads the object whose bracket `text` begins with, and returns what stands behind it. NULL where
 * the text ends before the object does, or where cJSON is to read it: `members` are undefined then.
 * Texts point into `text`, which is not changed. */
const char *response_scan_object(struct response_scan *scan, const char *text,
                                 struct response_members *members);

void response_scan_free(struct response_scan *scan);

#endif
