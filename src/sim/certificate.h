/* What a server shows to its clients under TLS: a certificate and its private key. */
#ifndef SIM_CERTIFICATE_H
#define SIM_CERTIFICATE_H

#include "core/error.h"

struct certificate;

/* Reads two files in PEM: the certificate, with those that vouch for it behind it, and its key.
 * NULL and a sentence where they cannot serve. */
struct certificate *certificate_new(const char *certificate_path, const char *key_path,
                                    struct error *error);

/* NULL is fine. */
void certificate_free(struct certificate *certificate);

/* A session of TLS 1.2 or later on a socket, read in slices (core/sliced.h), for the caller to free
 * with SSL_free; NULL where there is no memory. */
struct ssl_st *certificate_session(const struct certificate *certificate, int fd);

#endif
