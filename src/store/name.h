/* Names of files (formats.md, section 7). */
#ifndef STORE_NAME_H
#define STORE_NAME_H

#include "record/row.h"

/* "synthetic_0_<model>…_stream_<uuid>" or "realworkload_0_…", without ending; the caller frees. The
 * UUID is fresh. Whatever the model is called, the name holds only A-Z a-z 0-9 _ -, at most 120
 * characters of it the model's. */
char *name_of_step(const struct row *row);

/* "mix_<name>_<uuid>": a visit of a mix, whose first member's step has that name; for the caller to
 * free. The mix's name is cleaned as a model's is. */
char *name_of_mix(const char *mix, const char *step_name);

/* Where the UUID of a step's name begins, which identifies the step wherever its files lie: the
 * last thing in `name` that looks like one, of NAME_UUID characters. NULL: there is none. */
enum { NAME_UUID = 36 };
const char *name_uuid(const char *name);

/* A number as Python prints a float: 2 → "2.0", 0.5 → "0.5"; the caller frees. */
char *name_python_float(double number);

#endif
