/* SambaStudio's generic APIs, versions 1 and 2 (formats.md, sections 4b and 4c): one object a line.
 */
#ifndef WIRE_SAMBASTUDIO_H
#define WIRE_SAMBASTUDIO_H

#include "wire/dialect.h"

extern const struct dialect dialect_sambastudio_v1, dialect_sambastudio_v2;

#endif
