/* The addresses behind an endpoint's name, and which of them a run uses.
 *
 * Each address may have a server of its own, with its own models in memory, so a run stays with
 * one: the first to which a connection is established. Spread, it uses all that accept connections,
 * request after request. Host, certificate and connection reuse stay those of the name. Nothing is
 * looked up where the endpoint's address holds a number, or where a proxy looks names up. */
#ifndef LOAD_ADDRESSES_H
#define LOAD_ADDRESSES_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

struct target;
struct addresses;

/* Nothing is found yet. `preferred` is used where it is among those found and accepts a
 * connection; NULL or empty: none. It is copied. Free it; NULL is fine. */
struct addresses *addresses_new(bool spread, const char *preferred);
void addresses_free(struct addresses *addresses);

/* Looks up the name in the target's chat_url, and chooses none: to `target->addresses`, in the
 * place of what was found before. Takes one connect timeout at most, and ends within a second once
 * `*stop` is set. Not while a load runs. */
void addresses_look_up(const struct target *target, const atomic_int *stop);

/* The same, and chooses those in use, by a connection that is closed at once; takes one connect
 * timeout more, or two with a preferred one. Where no connection can be established, none is in
 * use, and libcurl tries all of them for each connection. */
void addresses_choose(const struct target *target, const atomic_int *stop);

/* The name; "" where nothing was looked up. */
const char *addresses_name(const struct addresses *addresses);

/* Those found, as numbers ("127.0.0.1", "::1"), sorted as texts. */
size_t addresses_count(const struct addresses *addresses);
const char *addresses_at(const struct addresses *addresses, size_t index);

/* Those in use, in the order in which the requests of a spread run take them, by their index. */
size_t addresses_used(const struct addresses *addresses);
const char *addresses_used_at(const struct addresses *addresses, size_t index);

#endif
