/* The query of an endpoint's address, such as "api-version=2024-10-21": it is sent with every
 * request, and what it says is a secret. */
#ifndef PLAN_ADDRESS_H
#define PLAN_ADDRESS_H

/* `url` with "?" and the query behind it; NULL: as it is. Takes `url`, which was allocated, and
 * returns what is to be freed in its place. */
char *address_join(char *url, const char *query);

/* `address` and the query's names with '*' for each value: "http://h/v1?api-version=*"; free it. A
 * part without a name is '*'. NULL: the address alone. */
char *address_show(const char *address, const char *query);

/* The same of a URL that may have a query; free it. */
char *address_hide(const char *url);

/* The query's values, as they stand there and without percent-encoding, ended by NULL. */
char **address_secrets(const char *query);
void address_secrets_free(char **secrets);

/* The password of a URL such as "http://user:password@host", without percent-encoding; NULL: it has
 * none. Free it. */
char *address_password(const char *url);

#endif
