#include "load/scheme.h"

#include <string.h>
#include <strings.h>

static bool has_any(const char *text, const char *const *words)
{
    for (; *words; words++) {
        if (strcasestr(text, *words))
            return true;
    }
    return false;
}

/* OpenSSL's and GnuTLS' words for bytes that are no TLS. */
static const char *const no_tls[] = {"wrong version number",
                                     "packet length too long",
                                     "http request",
                                     "record overflow",
                                     "unexpected tls packet",
                                     "unexpected message",
                                     NULL};

/* What nginx, Apache and Go write to who speaks plainly to them. */
static const char *const wants_tls[] = {"plain HTTP request was sent to HTTPS port",
                                        "speaking plain HTTP to an SSL-enabled server port",
                                        "HTTP request to an HTTPS server", NULL};

const char *scheme_hint(const struct target *target, CURLcode result, const char *reported)
{
    bool https = target->chat_url && strncasecmp(target->chat_url, "https:", 6) == 0;

    if (https)
        return result == CURLE_SSL_CONNECT_ERROR && has_any(reported, no_tls)
                   ? "; the port speaks no TLS: write http:// in the address"
                   : "";
    if (result == CURLE_OK && has_any(reported, wants_tls))
        return "; the port speaks TLS: write https:// in the address";
    if (result == CURLE_GOT_NOTHING || result == CURLE_UNSUPPORTED_PROTOCOL ||
        (result == CURLE_RECV_ERROR && !strstr(reported, "CONNECT")))
        return "; where the port speaks TLS, write https:// in the address";
    return "";
}
