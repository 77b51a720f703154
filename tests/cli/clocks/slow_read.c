/* Loaded before the C library: a program that is put aside for SLOW_READ_MS each time between the
 * look at a socket and the reading of it, as on a machine where others run. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>

ssize_t recv(int socket, void *room, size_t length, int flags)
{
    static ssize_t (*own)(int, void *, size_t, int);
    const char *ms = getenv("SLOW_READ_MS");
    struct timespec wait = {0, ms ? atol(ms) * 1000000 : 0};

    if (!own)
        *(void **)&own = dlsym(RTLD_NEXT, "recv");
    if (ms && !(flags & MSG_PEEK))
        nanosleep(&wait, NULL);
    return own(socket, room, length, flags);
}
