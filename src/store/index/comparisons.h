/* The comparisons in the index, brought up to date with those that lie in the folder. For the index
 * alone. */
#ifndef STORE_INDEX_COMPARISONS_H
#define STORE_INDEX_COMPARISONS_H

#include "store/index/database.h"
#include "store/index/scan.h"

/* Reads what is new or does not stand there as it was read, and takes out what has gone. Adds a
 * sentence for each that cannot be read; it is looked at again the next time. */
void comparisons_update(struct database *database, const char *root, const struct scan *scan,
                        struct faults *problems);

#endif
