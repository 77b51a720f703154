/* Reading in slices: between a TLS session and its socket, so that a read of the session comes
 * back.
 *
 * OpenSSL reads on within one call while what comes holds nothing for the caller: key updates and
 * session tickets (RFC 8446, 4.6), requests to renegotiate (RFC 5246, 7.4.1.1). Whoever sends such
 * messages faster than they are taken in keeps the call for ever, and with it every limit in time.
 * After a slice the socket seems empty once; who reads then has a turn, and comes back. */
#ifndef CORE_SLICED_H
#define CORE_SLICED_H

#include <stdbool.h>

struct bio_st; /* OpenSSL's BIO */

/* What is read in one go, at most: so many reads (two a record), or so many bytes. */
enum { SLICED_READS_MOST = 256, SLICED_BYTES_MOST = 1 << 20 };

/* A filter (BIO_TYPE_FILTER) over `below`, whose reference it takes. It passes on all but every
 * read behind a slice, which it refuses as an empty, non-blocking socket would (BIO_should_retry).
 * A slice begins with the first read, and anew where `below` has nothing. NULL where there is no
 * memory; then `below` stays the caller's. */
struct bio_st *sliced_new(struct bio_st *below);

/* Whether it is one of these. NULL is none. */
bool sliced_is(const struct bio_st *bio);

/* Whether its last read was refused by it alone, and more may be there at once. */
bool sliced_was_cut(struct bio_st *bio);

#endif
