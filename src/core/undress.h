/* What a text says behind its escapes: those of JSON and of most languages' strings ("\u0073",
 * "\x73", "\/"), of URLs ("%73", RFC 3986, section 2.1) and of HTML ("&#115;", "&#x73;", "&amp;").
 * For finding what stands there; inside this room. */
#ifndef CORE_UNDRESS_H
#define CORE_UNDRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Zeroed before the first; undressed_clear overwrites and frees all. */
struct undressed {
    char *bytes;
    uint32_t *origin; /* where in the text each byte comes from, and where they end */
    size_t length;
};

/* Undoes one layer of escapes of a text; again on the same struct, one more of what that found. An
 * escape that the end cuts off is left out. False, and no change, where there is none to undo. */
bool undress(struct undressed *undressed, const char *text, size_t length);

void undressed_clear(struct undressed *undressed);

#endif
