/* Bodies that are read without libcurl; inside this room.
 *
 * libcurl asks the kernel more often than is needed to read one event. So of a body that comes in
 * chunks (wire/chunked.h) over a plain connection, what arrives as whole chunks is read here, in
 * one look that also tells when it came, and one call that takes it from the socket. libcurl does
 * not see these chunks: before and after them it waits for a chunk. Everything else is libcurl's:
 * connections, requests, heads, chunks that come in parts, the end of the body, and what is wrong.
 *
 * That needs to be certain of what libcurl has read. A response is followed from its first byte on:
 * what waits is looked at before libcurl reads it, and where, after that, the connection has
 * received no byte more (tcpi_bytes_received) and none waits, libcurl has read just those. Where
 * that is not certain, the rest of the response is libcurl's. */
#ifndef LOAD_DIRECT_H
#define LOAD_DIRECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wire/chunked.h"

struct loop;
struct transfer;

/* Each chunk in parts costs more than without a look at it: so many are followed, and one more for
 * each reading of whole ones. */
enum { DIRECT_CREDIT = 8 };

/* How far libcurl is known to be in a transfer's response. Zeroed: it is not. */
struct direct {
    enum { DIRECT_UNKNOWN, DIRECT_SENT, DIRECT_FOLLOWED, DIRECT_OWNED /* owned.h */ } state;
    struct chunked chunked;
    int64_t received; /* bytes of the connection that were read */
    size_t passed;    /* bytes of data in what libcurl read, by what was looked at, … */
    size_t given;     /* … and as libcurl handed them on */
    int credit;       /* for readings that libcurl has to do after all */
    int socket;       /* of DIRECT_OWNED */
    size_t heard;     /* bytes of data that libcurl is to hand on, and that were had before */
    bool pauses;      /* libcurl is to keep the data that it hands on, … */
    bool is_paused;   /* … and does */
};

/* What waited on a socket before libcurl read it. */
struct direct_look {
    struct transfer *transfer; /* whose response it is; NULL: nothing is to be followed */
    const char *bytes;         /* that wait, until the next look */
    size_t length;
    struct chunked before; /* where libcurl is, … */
    size_t passed;         /* … and how many bytes of data it has read by then … */
    struct direct after;   /* … and where once it has read just that */
    int64_t sent_ns;       /* … of which of its requests */
    size_t head;           /* bytes of the response's head in it; 0: that came before */
    size_t seen;           /* bytes of heads and bodies that libcurl had handed on so far */
};

/* The transfer's request is about to leave on its connection. */
void direct_begin(struct transfer *transfer);

/* Reads the socket, where whole chunks wait there alone; `happened` is what epoll told. False:
 * libcurl is to read it, and then direct_follow to be called. */
bool direct_read(struct loop *loop, int socket, unsigned happened, struct direct_look *ahead);

/* Whether the bytes are one whole chunk with one event, which came by its last byte. */
bool direct_is_one_event(const char *bytes, size_t length);

/* Of bytes of data that libcurl hands on, how many were had before. */
size_t direct_heard(struct direct *direct, size_t length);

/* Whether libcurl is to keep the data that it hands on. */
bool direct_keeps(struct direct *direct);

/* libcurl has read: where it keeps the data that was looked at, all of it, that is had here, and
 * the response read without it from now on (owned.h). False: it is not. */
bool direct_takes_over(struct loop *loop, int socket, const struct direct_look *ahead);

/* Whether libcurl has read a further part of what was looked at, and is to be called for the rest
 * of it. */
bool direct_is_short(const struct loop *loop, int socket, struct direct_look *ahead);

/* Takes note of what libcurl has read. */
void direct_follow(struct loop *loop, int socket, const struct direct_look *ahead);

#endif
