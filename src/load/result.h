/* libcurl's results as ends of a request; inside this room. */
#ifndef LOAD_RESULT_H
#define LOAD_RESULT_H

#include <curl/curl.h>

#include "record/request.h"

/* How a transfer that libcurl gave up on ended, by its result, by what it says of it (`reported`,
 * which may be "") and by what had been done: `sent`, the request was on its way; `responded`, some
 * of the body had come. What no server can have caused is one of the local ends (load/trouble.h
 * tells which by errno), and so is a result that the table does not hold. */
enum request_end result_end(CURLcode result, const char *reported, bool sent, bool responded);

/* Whether a transfer whose request was on its way ended since libcurl wanted to send it again,
 * which our callbacks refuse, or counted the times that it did ("Connection died, tried 5 times
 * before giving up": once for each request of the handle that met a dead connection). */
bool result_is_second_send(CURLcode result, const char *reported);

/* Whether a proxy would not connect to the endpoint; libcurl has no code for it. */
bool result_is_refused_tunnel(CURLcode result, const char *reported);

/* Whether the status says that the request succeeded. Some gateways say of a new stream that it was
 * created (201), or that it is not their own (203). */
bool result_is_success(int status);

/* Whether the table holds the result: from 7.88 to 8.14 it holds all. */
bool result_is_known(CURLcode result);

#endif
