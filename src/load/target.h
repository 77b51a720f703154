/* Where requests go and how connections to it are made: one struct for all that talks to it. */
#ifndef LOAD_TARGET_H
#define LOAD_TARGET_H

#include <stdbool.h>

#include "wire/dialect.h"

/* Texts and dialect belong to the caller and outlive what uses them. */
struct target {
    const struct dialect *dialect;
    const char *chat_url;
    const char *idle_url;   /* touches no model */
    const char *key_header; /* "Name: value" */
    const char *ca_file;    /* NULL: the system's certificates */
    bool http2;             /* over TLS, where the server agrees: requests share connections */
    double connect_timeout_s;
    double idle_timeout_s;
};

#endif
