/* Secrets, such as an API key, and striking them out of what a server sent, in whatever encoding
 * they come back.
 *
 * A secret is looked for as it stands; behind the escapes of JSON ("\u0073", "\/"), of URLs ("%73")
 * and of HTML ("&#x73;"), up to three of them in each other; in base64 (RFC 4648, sections 4 and 5)
 * at each of its three offsets, and so in the base64 of "Bearer SECRET" too; and in hexadecimal.
 * What a buffer's end cuts off counts, and so does the beginning of a long one. */
#ifndef CORE_SECRETS_H
#define CORE_SECRETS_H

#include <stddef.h>

/* A secret of fewer bytes cannot be hidden: it stands in other words. One of fewer than
 * SECRETS_ANYWHERE is struck out as a whole word only. A word is letters, digits and '_'. */
enum { SECRETS_LEAST = 4, SECRETS_ANYWHERE = 8 };

struct secrets;

/* None yet; secrets_free overwrites and frees all (NULL is fine). */
struct secrets *secrets_new(void);
void secrets_free(struct secrets *secrets);

/* Adds a secret (NULL or a short one: nothing), which is copied. Blanks and quotes around it do not
 * count. Where it is two words, such as "Bearer SECRET", its second is one too. */
void secrets_add(struct secrets *secrets, const char *secret);

/* Writes '*' over each place where one of the secrets (NULL: none) stands in these bytes, its
 * escapes included; over its first sixteen bytes and what follows of it; and over four bytes of its
 * beginning or more that the end cuts off. The length stays, and JSON stays JSON. */
void secrets_strike(const struct secrets *secrets, char *bytes, size_t length);

#endif
