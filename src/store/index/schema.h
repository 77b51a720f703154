/* The tables of the index, and whether a file has them. For the index alone. */
#ifndef STORE_INDEX_SCHEMA_H
#define STORE_INDEX_SCHEMA_H

#include "store/index/database.h"

/* PRAGMA user_version of the file: another number with each change of the tables. */
enum { SCHEMA_VERSION = 2 };

/* Sees to it that a file that was opened to write has the tables: makes them in an empty one, and
 * anew, empty, in an index of an older version or where `anew` asks for it. With `requests` the
 * table `request` is among them; an index that lacks it gets it, and takes all of its runs for
 * changed. A file of another program, or of a newer version, fails and stays as it is. */
void schema_settle(struct database *database, bool anew, bool requests);

/* Whether it has the table `request`. */
bool schema_has_requests(struct database *database);

/* Fails where a file that was opened to read is no index of this version. */
void schema_check(struct database *database);

#endif
