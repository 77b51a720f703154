/* Decimals in files of millions: what strtod and printf do, for the numbers that stand there, in a
 * fraction of the time. Results are theirs, bit for bit. */
#ifndef CORE_DECIMAL_H
#define CORE_DECIMAL_H

#include "core/text.h"

/* Reads the number of JSON (RFC 8259, section 6) at the beginning of a text and returns what stands
 * behind it; NULL where none begins there. `value` is the closest double, as strtod has it, so one
 * that is too large is infinite; NULL: it is passed over. */
const char *decimal_read(const char *text, double *value);

/* Adds a finite number as printf's "%.9g". */
void decimal_add_nine(struct text *text, double value);

#endif
