/* What others wrote, on its way to where some letters mean more than themselves. */
#ifndef CORE_CLEAN_H
#define CORE_CLEAN_H

#include <stddef.h>

enum clean_for {
    CLEAN_LINE,  /* of a terminal: no control character (C0, DEL, C1), and none that turns the
                  * direction of a text (Unicode, UAX 9, 2.1 to 2.6) or ends its line */
    CLEAN_LINES, /* the same, but '\n' and '\t' stay */
    CLEAN_XML, /* XML 1.0, 2.2: no control character of C0 but '\t', '\n', '\r', and neither U+FFFE
                * nor U+FFFF */
};

/* Writes `with` over each byte of a letter that does not belong there, and '?' over each that is no
 * UTF-8, half of a surrogate pair among them. The length stays. */
void clean(char *bytes, size_t length, enum clean_for where, char with);

/* A copy of the text, each byte that does not belong there '?'; free it. */
char *clean_copy(const char *text, enum clean_for where);

#endif
