#include "sim/channel.h"

#include <errno.h>
#include <limits.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/sliced.h"

bool channel_open(struct channel *channel, int fd, const struct certificate *certificate)
{
    int yes = 1;

    /* Without it, a token might wait for the acknowledgement of the one before. */
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    *channel = (struct channel){.fd = fd};
    if (certificate)
        channel->tls = certificate_session(certificate, fd);
    return !certificate || channel->tls;
}

static int at_most_int(size_t length)
{
    return length < INT_MAX ? (int)length : INT_MAX;
}

/* What a result of SSL_read or SSL_write means. */
static long judge_tls(const struct channel *channel, int result)
{
    if (result > 0)
        return result;
    switch (SSL_get_error(channel->tls, result)) {
    case SSL_ERROR_WANT_READ:
    case SSL_ERROR_WANT_WRITE:
        return CHANNEL_LATER;
    case SSL_ERROR_ZERO_RETURN:
        return 0;
    default:
        return CHANNEL_BROKEN;
    }
}

static long judge_plain(ssize_t result)
{
    if (result >= 0)
        return result;
    return errno == EAGAIN ? CHANNEL_LATER : CHANNEL_BROKEN;
}

long channel_receive(struct channel *channel, void *bytes, size_t length)
{
    long got;

    if (!channel->tls)
        return judge_plain(recv(channel->fd, bytes, length, 0));
    ERR_clear_error();
    got = judge_tls(channel, SSL_read(channel->tls, bytes, at_most_int(length)));
    return got == CHANNEL_LATER && sliced_was_cut(SSL_get_rbio(channel->tls)) ? CHANNEL_AGAIN : got;
}

bool channel_is_ready(const struct channel *channel)
{
    return !channel->tls || SSL_is_init_finished(channel->tls);
}

long channel_send(struct channel *channel, const void *bytes, size_t length)
{
    if (!channel->tls)
        return judge_plain(send(channel->fd, bytes, length, MSG_NOSIGNAL));
    ERR_clear_error();
    return judge_tls(channel, SSL_write(channel->tls, bytes, at_most_int(length)));
}

void channel_hold(struct channel *channel)
{
    int yes = 1;

    setsockopt(channel->fd, IPPROTO_TCP, TCP_CORK, &yes, sizeof yes);
}

void channel_end(struct channel *channel)
{
    if (channel->tls && channel_is_ready(channel)) {
        ERR_clear_error();
        SSL_shutdown(channel->tls);
    }
    shutdown(channel->fd, SHUT_WR);
}

void channel_reset(struct channel *channel)
{
    struct linger none = {.l_onoff = 1, .l_linger = 0};

    setsockopt(channel->fd, SOL_SOCKET, SO_LINGER, &none, sizeof none);
}

void channel_close(struct channel *channel)
{
    SSL_free(channel->tls);
    close(channel->fd);
}
