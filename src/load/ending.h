/* How a request ended, in a code and a sentence, by what was read of its response and by libcurl's
 * result; inside this room. */
#ifndef LOAD_ENDING_H
#define LOAD_ENDING_H

#include <curl/curl.h>
#include <stdbool.h>

#include "record/request.h"

struct transfer;

/* Writes the end and the sentence, made printable, into the request's record. */
void ending_set(struct transfer *transfer, enum request_end end, const char *sentence);

/* A status that is no success: the code is the status, the sentence the server's own with what may
 * help. */
void ending_by_status(struct transfer *transfer);

/* An event that reported a failure, was malformed, or had a finish reason by which the server gave
 * the request up; false, and nothing is written, where there was none. */
bool ending_by_event(struct transfer *transfer);

/* A success whose body, or response, came to its end: completed, and nothing is written, or why
 * not. */
void ending_by_stream(struct transfer *transfer);

/* A transfer that libcurl gave up on. */
void ending_by_curl(struct transfer *transfer, CURLcode result);

#endif
