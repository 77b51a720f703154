/* What a server shows to its clients under TLS: a certificate and its private key. */
#ifndef SIM_IDENTITY_H
#define SIM_IDENTITY_H

#include "core/error.h"

struct identity;

/* Reads two files in PEM: the certificate, with those that vouch for it behind it, and its key.
 * NULL and a sentence where they cannot serve. */
struct identity *identity_new(const char *certificate_path, const char *key_path,
                              struct error *error);

/* NULL is fine. */
void identity_free(struct identity *identity);

/* A session of TLS 1.2 or later on a socket, for the caller to free with SSL_free; NULL where there
 * is no memory. */
struct ssl_st *identity_session(const struct identity *identity, int fd);

#endif
