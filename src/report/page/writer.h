/* JSON written member by member to a file, so that nothing of it needs to be kept. Its texts can
 * stand inside an HTML script element: no "<", ">" or "&" is in them as it is. */
#ifndef REPORT_PAGE_WRITER_H
#define REPORT_PAGE_WRITER_H

#include <stdbool.h>
#include <stdio.h>

struct writer {
    FILE *out;
    bool comma; /* is due before the next member */
};

/* Begins an object or list with its bracket, and ends it. `key` is NULL for a member of a list. */
void writer_open(struct writer *writer, const char *key, char bracket);
void writer_close(struct writer *writer, char bracket);

/* A member; a number is rounded to six digits, which are more than a picture shows, and null where
 * it is not finite. */
void writer_add_text(struct writer *writer, const char *key, const char *text);
void writer_add_number(struct writer *writer, const char *key, double number);
void writer_add_truth(struct writer *writer, const char *key, bool truth);
void writer_add_null(struct writer *writer, const char *key);

#endif
