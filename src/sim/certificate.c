#include "sim/certificate.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <stdlib.h>

#include "core/file.h"
#include "core/memory.h"
#include "core/sliced.h"

enum { FILE_MOST = 4 << 20 };

struct certificate {
    SSL_CTX *context;
};

/* Asked for where a key is encrypted: OpenSSL would else ask at the terminal. `asked` may be NULL.
 */
static int no_passphrase(char *room, int size, int writes, void *asked)
{
    (void)room;
    (void)size;
    (void)writes;
    if (asked)
        *(bool *)asked = true;
    return -1;
}

/* What OpenSSL says of the latest fault. */
static const char *fault(void)
{
    unsigned long latest = ERR_peek_last_error();
    const char *reason = ERR_reason_error_string(latest);

    if (ERR_GET_REASON(latest) == PEM_R_NO_START_LINE)
        return "none stands in it";
    return reason ? reason : "it is not understood";
}

/* The file's text as a BIO, which the text outlives; NULL with a sentence. */
static BIO *read_file(const char *path, struct text *text, struct error *error)
{
    return file_read(path, FILE_MOST, text, error)
               ? BIO_new_mem_buf(text->bytes ? text->bytes : "", (int)text->length)
               : NULL;
}

/* The first certificate is the server's; those behind it vouch for it. */
static bool take_certificates(SSL_CTX *context, BIO *file)
{
    X509 *certificate = PEM_read_bio_X509_AUX(file, NULL, no_passphrase, NULL);
    bool taken = certificate && SSL_CTX_use_certificate(context, certificate) == 1;

    X509_free(certificate);
    while (taken && (certificate = PEM_read_bio_X509(file, NULL, no_passphrase, NULL))) {
        taken = SSL_CTX_add1_chain_cert(context, certificate) == 1;
        X509_free(certificate);
    }
    return taken && ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
}

static bool read_certificates(SSL_CTX *context, const char *path, struct error *error)
{
    struct text text = {0};
    BIO *file = read_file(path, &text, error);
    bool taken = file && take_certificates(context, file);

    if (file && !taken)
        error_set(error, "%s: no certificate in PEM can be read there: %s", path, fault());
    ERR_clear_error();
    BIO_free(file);
    text_clear(&text);
    return taken;
}

static bool take_key(SSL_CTX *context, BIO *file, const char *path, const char *certificate_path,
                     struct error *error)
{
    bool encrypted = false;
    EVP_PKEY *key = PEM_read_bio_PrivateKey(file, NULL, no_passphrase, &encrypted);
    bool taken =
        key && SSL_CTX_use_PrivateKey(context, key) == 1 && SSL_CTX_check_private_key(context) == 1;

    if (encrypted)
        error_set(error,
                  "%s: the private key is encrypted; write it without a passphrase (openssl pkey "
                  "-in FILE -out NEW)",
                  path);
    else if (!key)
        error_set(
            error,
            "%s: no private key for %s can be read there: it holds none in PEM, or a damaged one",
            path, certificate_path);
    else if (!taken)
        error_set(error, "%s: its private key is not that of the certificate in %s", path,
                  certificate_path);
    EVP_PKEY_free(key);
    return taken;
}

static bool read_key(SSL_CTX *context, const char *path, const char *certificate_path,
                     struct error *error)
{
    struct text text = {0};
    BIO *file = read_file(path, &text, error);
    bool taken = file && take_key(context, file, path, certificate_path, error);

    ERR_clear_error();
    BIO_free(file);
    if (text.bytes)
        OPENSSL_cleanse(text.bytes, text.length);
    text_clear(&text);
    return taken;
}

struct certificate *certificate_new(const char *certificate_path, const char *key_path,
                                    struct error *error)
{
    struct certificate *certificate = memory_new(1, sizeof *certificate);

    ERR_clear_error();
    certificate->context = SSL_CTX_new(TLS_server_method());
    if (!certificate->context)
        error_set(error, "TLS cannot be set up: %s", fault());
    if (!certificate->context ||
        !read_certificates(certificate->context, certificate_path, error) ||
        !read_key(certificate->context, key_path, certificate_path, error)) {
        certificate_free(certificate);
        return NULL;
    }
    SSL_CTX_set_min_proto_version(certificate->context, TLS1_2_VERSION);
    /* What the socket did not take is sent again from elsewhere. */
    SSL_CTX_set_mode(certificate->context,
                     SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    return certificate;
}

void certificate_free(struct certificate *certificate)
{
    if (!certificate)
        return;
    SSL_CTX_free(certificate->context);
    free(certificate);
}

/* Reading in slices from where it reads now. */
static bool slice(SSL *session)
{
    BIO *below = SSL_get_rbio(session), *sliced;

    if (!BIO_up_ref(below))
        return false;
    sliced = sliced_new(below);
    if (sliced)
        SSL_set0_rbio(session, sliced);
    else
        BIO_free(below);
    return sliced;
}

SSL *certificate_session(const struct certificate *certificate, int fd)
{
    SSL *session = SSL_new(certificate->context);

    if (session && SSL_set_fd(session, fd) == 1 && slice(session)) {
        SSL_set_accept_state(session);
        return session;
    }
    SSL_free(session);
    return NULL;
}
