#include "load/slicing.h"

#include <openssl/bio.h>
#include <openssl/ssl.h>
#include <stdio.h>
#include <string.h>

#include "core/sliced.h"

static void slice(SSL *session)
{
    BIO *below = SSL_get_rbio(session), *sliced;

    if (!below || sliced_is(below) || !BIO_up_ref(below))
        return;
    sliced = sliced_new(below);
    if (sliced)
        SSL_set0_rbio(session, sliced);
    else
        BIO_free(below);
}

/* libcurl gives a session its socket just before the handshake begins. */
static void on_info(const SSL *session, int where, int result)
{
    (void)result;
    if (where & SSL_CB_HANDSHAKE_START)
        slice((SSL *)session);
}

static CURLcode on_context(CURL *easy, void *context, void *nothing)
{
    (void)easy;
    (void)nothing;
    SSL_CTX_set_info_callback(context, on_info);
    return CURLE_OK;
}

void slicing_set(CURL *easy)
{
    const char *theirs = curl_version_info(CURLVERSION_NOW)->ssl_version;
    char ours[64];

    snprintf(ours, sizeof ours, "OpenSSL/%s", OpenSSL_version(OPENSSL_VERSION_STRING));
    if (theirs && strcmp(theirs, ours) == 0)
        curl_easy_setopt(easy, CURLOPT_SSL_CTX_FUNCTION, on_context);
}
