/* One line of a response's head. */
#ifndef WIRE_HEADER_H
#define WIRE_HEADER_H

#include <stdbool.h>
#include <stddef.h>

/* Whether the line is the header of that name, in any letter case; then its value, without the
 * blanks around it, is in `value`, printable and cut to fit. Else `value` stays as it is. */
bool header_read(const char *name, const char *line, size_t length, char *value, size_t size);

/* Whether the line begins a head: a response may have several, each with headers of its own (1xx,
 * RFC 9110, section 15.2). */
bool header_begins_head(const char *line, size_t length);

/* Whether the line is a Transfer-Encoding that names a coding other than "chunked" and "identity"
 * (RFC 9112, section 7); then the header's value is in `coding`, as by header_read. */
bool header_names_transfer_coding(const char *line, size_t length, char *coding, size_t size);

/* Whether a Content-Encoding packs the body: it names a coding that is registered (IANA, HTTP
 * Content Coding Registry) and is not "identity". What is none, such as "utf-8" or "none", packs
 * nothing. */
bool header_names_packing(const char *encoding);

#endif
