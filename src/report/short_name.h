/* A model's name in little room. */
#ifndef REPORT_SHORT_NAME_H
#define REPORT_SHORT_NAME_H

#include <stddef.h>

/* The name in at most `width` columns. As far as it takes, words are left out: those of letters
 * alone at its end ("Instruct"), at its beginning where another follows ("Meta-Llama-…"), and in
 * between; then its last; what is still too long is cut in its middle. Control characters are
 * replaced. `size` bytes at `text`. */
void short_name(const char *name, int width, char *text, size_t size);

#endif
