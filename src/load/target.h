/* Where requests go and how connections to it are made: one struct for all that talks to it. */
#ifndef LOAD_TARGET_H
#define LOAD_TARGET_H

#include <stdbool.h>
#include <stddef.h>

#include "core/secrets.h"
#include "load/reuse.h"
#include "wire/dialect.h"

struct addresses;

/* Texts and dialect belong to the caller and outlive what uses them. */
struct target {
    const struct dialect *dialect;
    const char *chat_url;
    const char *idle_url;          /* touches no model */
    const char *shown_url;         /* chat_url as it may be shown; NULL: nobody asks */
    bool without_v1;               /* the address has no /v1, where most servers speak */
    const char *key_header;        /* "Name: value"; NULL: no key is sent */
    const struct secrets *secrets; /* the key and all else that is shown nowhere; NULL: nothing */
    char *const *headers;          /* further ones, "Name: value", ended by NULL; NULL: none */
    const char *proxy;             /* a URL, reached by a tunnel; NULL: none */
    const char *ca_file;           /* NULL: the system's certificates */
    bool insecure;                 /* no certificate is checked */
    bool http2;                  /* over TLS, where the server agrees: requests share connections */
    struct reuse *reuse;         /* whether connections are used again; NULL: always */
    struct addresses *addresses; /* behind the name (addresses.h); NULL: libcurl looks it up for
                                  * each connection */
    double connect_timeout_s;
    double idle_timeout_s;
    double tail_grace_s; /* how long a body may stay open after its response's end */
};

/* Whether connections to it have TLS, at least a part of the way. */
bool target_is_sealed(const struct target *target);

/* Writes '*' over the target's secrets in bytes that came from it, before anything of them is cut
 * or shown: some servers repeat what they were sent. */
void target_strike_out(const struct target *target, char *bytes, size_t length);

/* Copies the value of the header where this line of a head is `name`'s (wire/header.h), secrets
 * struck out before it is cut to fit; else `value` stays as it is. */
void target_read_header(const struct target *target, const char *name, const char *line,
                        size_t length, char *value, size_t size);

#endif
