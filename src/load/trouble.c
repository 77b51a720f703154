#include "load/trouble.h"

#include <errno.h>
#include <stddef.h>

static const struct {
    int error;
    enum request_end end;
} table[] = {
    {EADDRNOTAVAIL, REQUEST_LOCAL_PORTS},
    {EADDRINUSE, REQUEST_LOCAL_PORTS},
    {EMFILE, REQUEST_LOCAL_FILES},
    {ENFILE, REQUEST_LOCAL_FILES},
    {ENETUNREACH, REQUEST_LOCAL_NETWORK},
    {EHOSTUNREACH, REQUEST_LOCAL_NETWORK},
    {ENETDOWN, REQUEST_LOCAL_NETWORK},
    {EAFNOSUPPORT, REQUEST_LOCAL_NETWORK},
    {EPROTONOSUPPORT, REQUEST_LOCAL_NETWORK},
    {EACCES, REQUEST_LOCAL_NETWORK}, /* a firewall of this machine */
    {EPERM, REQUEST_LOCAL_NETWORK},
    {ENOBUFS, REQUEST_LOCAL_BUFFERS},
    {ENOMEM, REQUEST_LOCAL_BUFFERS},
    {EAGAIN, REQUEST_LOCAL_PORTS}, /* connect(2): no entries in the routing cache, or ports */
};

enum request_end trouble_end(int error)
{
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        if (table[i].error == error)
            return table[i].end;
    }
    return REQUEST_COMPLETED;
}

const char *trouble_remedy(enum request_end end)
{
    switch (end) {
    case REQUEST_LOCAL_PORTS:
        return "; this machine has no local port left: widen net.ipv4.ip_local_port_range, or let "
               "connections be reused";
    case REQUEST_LOCAL_FILES:
        return "; this process has no file left: raise 'ulimit -n', or ask for fewer at a time";
    case REQUEST_LOCAL_NETWORK:
        return "; this machine has no way to the address: check its routes (ip route get ADDRESS) "
               "and firewall";
    case REQUEST_LOCAL_BUFFERS:
        return "; this machine has no memory left for it: ask for fewer connections, or raise "
               "net.ipv4.tcp_mem";
    default:
        return "";
    }
}
