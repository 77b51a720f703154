/* Bytes that were taken from a connection and are libcurl's to read after all; inside this room.
 *
 * libcurl has no call that gives it bytes: it reads its socket. So for one call into it another
 * stands in that socket's place (dup2(2)): one end of a pair, at whose other end the bytes were
 * written. Then the connection is in its place again, and libcurl goes on with it: it may use it
 * for other requests, or close it. */
#ifndef LOAD_HANDBACK_H
#define LOAD_HANDBACK_H

#include <stdbool.h>
#include <stddef.h>

struct handback {
    bool is_on;
    int socket;         /* whose place it is, … */
    size_t shard;       /* … of which shard; … */
    int spare;          /* … the connection is under this number; else it has none of use */
    bool closed;        /* libcurl has closed it meanwhile */
    int reader, writer; /* the pair */
};

/* Opens all that will be needed, three descriptors. False with errno: the system refuses it; clear
 * it either way. */
bool handback_init(struct handback *handback);

/* Puts the bytes in the socket's place. False: the system has no room for them, and nothing has
 * changed. */
bool handback_begin(struct handback *handback, int socket, const char *bytes, size_t length);

/* How many of them have not been read; 0 where the connection is in its place. */
size_t handback_left(const struct handback *handback);

/* Whether the bytes stand in that socket's place, and libcurl has not closed it. */
bool handback_has(const struct handback *handback, int socket);

/* Puts the connection back, unless libcurl closed it: then it is closed, and the number may be
 * another's. What libcurl has not read is lost. */
void handback_end(struct handback *handback);

void handback_clear(struct handback *handback);

#endif
