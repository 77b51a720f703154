/* Whether a JSON value continues behind the bytes seen so far; inside this room. Only brackets and
 * quotes are counted (RFC 8259): what is no JSON for another reason is left to who reads it. */
#ifndef WIRE_NESTING_H
#define WIRE_NESTING_H

#include <stdbool.h>
#include <stddef.h>

/* Zeroed: nothing was seen. */
struct nesting {
    size_t depth; /* brackets that are open */
    bool in_string, escaped;
    bool closed; /* the first bracket is closed; nothing behind it is looked at */
};

/* Whether the text, blanks aside, begins with a bracket or brace. */
bool nesting_begins(const char *bytes, size_t length);

/* Takes the next bytes of a text that begins so. */
void nesting_take(struct nesting *nesting, const char *bytes, size_t length);

#endif
