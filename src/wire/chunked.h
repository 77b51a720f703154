/* The chunked transfer coding of a response's body (RFC 9112, section 7.1), as most servers write
 * it: where a chunk ends, and which bytes are data. What is written in another way, such as an
 * extension or a bare line feed, and what ends the body, is not read here. */
#ifndef WIRE_CHUNKED_H
#define WIRE_CHUNKED_H

#include <stdbool.h>
#include <stddef.h>

/* How many bytes the head is long that `bytes` begin with, where it is whole and announces a
 * success whose body is chunked and nothing else: HTTP/1.1, one "Transfer-Encoding: chunked", no
 * Content-Length, each line ended by CR LF. 0: it is not. */
size_t chunked_head(const char *bytes, size_t length);

/* The chunk that `bytes` begin with: how many bytes it takes, and its data in them. 0: it is not
 * whole, is the last one, or is not written as "1a CR LF data CR LF". */
size_t chunked_next(const char *bytes, size_t length, const char **data, size_t *data_length);

/* How many chunks the bytes are, where they are whole ones alone; else 0. */
size_t chunked_count(const char *bytes, size_t length);

/* How far into the chunks a reader is. Zeroed: before the first. */
struct chunked {
    int step; /* within a chunk: which part comes next */
    size_t left, digits;
};

/* Goes on by these bytes, and adds how many of them are data to `*data_length`. False: among them
 * is something that is not read here; it is not known any more how far the reader is. */
bool chunked_pass(struct chunked *chunked, const char *bytes, size_t length, size_t *data_length);

/* Whether a chunk, or the body's end, comes next. */
bool chunked_is_between(const struct chunked *chunked);

/* Takes bytes up to the end of a piece of data, or of the bytes, or up to one that is not read
 * here, and returns how many these are; the piece is `*data`, of 0 bytes where none came. Where it
 * has none and is less than `length`, the next byte is one that is not read here. */
size_t chunked_take(struct chunked *chunked, const char *bytes, size_t length, const char **data,
                    size_t *data_length);

/* Writes what brings a reader that is between chunks as far into one as this reader is, and returns
 * its length. `*data_length` bytes of data are in it, that stand for those that this one has had.
 */
enum { CHUNKED_PREFIX_MOST = 32 };
size_t chunked_prefix(const struct chunked *chunked, char prefix[CHUNKED_PREFIX_MOST],
                      size_t *data_length);

#endif
