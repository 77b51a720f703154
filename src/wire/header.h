/* One line of an answer's head. */
#ifndef WIRE_HEADER_H
#define WIRE_HEADER_H

#include <stdbool.h>
#include <stddef.h>

/* Whether the line is the header of that name, in any letter case; then its value, without the
 * blanks around it, is in `value`, printable and cut to fit. Else `value` stays as it is. */
bool header_read(const char *name, const char *line, size_t length, char *value, size_t size);

#endif
