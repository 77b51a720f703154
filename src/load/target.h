/* Where requests go and how connections to it are made: one struct for all that talks to it. */
#ifndef LOAD_TARGET_H
#define LOAD_TARGET_H

#include <stdbool.h>
#include <stddef.h>

#include "wire/dialect.h"

/* Texts and dialect belong to the caller and outlive what uses them. */
struct target {
    const struct dialect *dialect;
    const char *chat_url;
    const char *idle_url;   /* touches no model */
    const char *key_header; /* "Name: value" */
    const char *key;        /* what may be told nowhere; NULL or empty: there is none */
    char *const *headers;   /* further ones, "Name: value", ended by NULL; NULL: none */
    const char *proxy;      /* a URL, reached by a tunnel; NULL: none */
    const char *ca_file;    /* NULL: the system's certificates */
    bool insecure;          /* no certificate is checked */
    bool http2;             /* over TLS, where the server agrees: requests share connections */
    double connect_timeout_s;
    double idle_timeout_s;
};

/* Writes '*' over the key, and over what further headers say, wherever they stand in these bytes:
 * some servers say again what they were sent. */
void target_strike_out(const struct target *target, char *bytes, size_t length);

#endif
