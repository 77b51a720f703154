#include "sim/identity.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <stdlib.h>

#include "core/memory.h"

struct identity {
    SSL_CTX *context;
};

/* What OpenSSL says of the latest fault. */
static const char *fault(void)
{
    const char *reason = ERR_reason_error_string(ERR_peek_last_error());

    return reason ? reason : "it is not understood";
}

static bool take_files(SSL_CTX *context, const char *certificate_path, const char *key_path,
                       struct error *error)
{
    if (SSL_CTX_use_certificate_chain_file(context, certificate_path) != 1)
        return error_set(error, "%s: no certificate in PEM can be read there: %s", certificate_path,
                         fault());
    if (SSL_CTX_use_PrivateKey_file(context, key_path, SSL_FILETYPE_PEM) != 1)
        return error_set(error, "%s: no private key for %s can be read there: %s", key_path,
                         certificate_path, fault());
    return true;
}

struct identity *identity_new(const char *certificate_path, const char *key_path,
                              struct error *error)
{
    struct identity *identity = memory_new(1, sizeof *identity);

    ERR_clear_error();
    identity->context = SSL_CTX_new(TLS_server_method());
    if (!identity->context || !take_files(identity->context, certificate_path, key_path, error)) {
        if (!identity->context)
            error_set(error, "TLS cannot be set up: %s", fault());
        identity_free(identity);
        return NULL;
    }
    SSL_CTX_set_min_proto_version(identity->context, TLS1_2_VERSION);
    /* What the socket did not take is sent again from elsewhere. */
    SSL_CTX_set_mode(identity->context,
                     SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    return identity;
}

void identity_free(struct identity *identity)
{
    if (!identity)
        return;
    SSL_CTX_free(identity->context);
    free(identity);
}

SSL *identity_session(const struct identity *identity, int fd)
{
    SSL *session = SSL_new(identity->context);

    if (session && SSL_set_fd(session, fd) == 1) {
        SSL_set_accept_state(session);
        return session;
    }
    SSL_free(session);
    return NULL;
}
