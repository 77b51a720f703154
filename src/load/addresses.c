#include "load/addresses.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "core/memory.h"
#include "load/easy.h"
#include "load/route.h"
#include "record/request.h"

/* More are not looked at. */
enum { ADDRESSES_MOST = 64, WAIT_MS = 100 };

struct address {
    char text[REQUEST_ADDRESS];
    bool used;
};

struct addresses {
    bool spread;
    char *preferred, *name;
    struct address found[ADDRESSES_MOST];
    size_t count;
    size_t turn[ADDRESSES_MOST]; /* indices of those in use */
    struct curl_slist *route[ADDRESSES_MOST];
    size_t used;
};

struct addresses *addresses_new(bool spread, const char *preferred)
{
    struct addresses *addresses = memory_new(1, sizeof *addresses);

    addresses->spread = spread;
    addresses->preferred = memory_text(preferred);
    return addresses;
}

static void forget(struct addresses *addresses)
{
    for (size_t i = 0; i < addresses->used; i++)
        curl_slist_free_all(addresses->route[i]);
    free(addresses->name);
    addresses->name = NULL;
    addresses->used = addresses->count = 0;
}

void addresses_free(struct addresses *addresses)
{
    if (!addresses)
        return;
    forget(addresses);
    free(addresses->preferred);
    free(addresses);
}

/* --- The name --------------------------------------------------------------------------------- */

static bool is_number(const char *host)
{
    struct in_addr address;

    return host[0] == '[' || inet_aton(host, &address) != 0;
}

/* The host of a URL; NULL where it is a number. */
static char *name_in(const char *url)
{
    CURLU *parts = curl_url();
    char *host = NULL, *name = NULL;

    if (curl_url_set(parts, CURLUPART_URL, url, 0) == CURLUE_OK &&
        curl_url_get(parts, CURLUPART_HOST, &host, 0) == CURLUE_OK && !is_number(host))
        name = memory_text(host);
    curl_free(host);
    curl_url_cleanup(parts);
    return name;
}

/* --- Transfers without a request -------------------------------------------------------------- */

static CURL *new_look(const struct target *target, struct curl_slist *headers)
{
    CURL *easy = easy_new(target, headers);

    curl_easy_setopt(easy, CURLOPT_URL, target->chat_url);
    curl_easy_setopt(easy, CURLOPT_CONNECT_ONLY, 1L);
    return easy;
}

static void *mark_of(size_t index)
{
    return (void *)(index + 1);
}

/* Marks those found that a handle was to connect to, and did: by its mark, which counts from 1, or
 * where it has none, by the address that it came to. */
static void note_connected(struct addresses *addresses, CURL *easy)
{
    void *mark = NULL;
    char *at = NULL;

    curl_easy_getinfo(easy, CURLINFO_PRIVATE, &mark);
    curl_easy_getinfo(easy, CURLINFO_PRIMARY_IP, &at);
    for (size_t i = 0; i < addresses->count; i++) {
        if (mark ? mark == mark_of(i) : at && strcmp(at, addresses->found[i].text) == 0)
            addresses->found[i].used = true;
    }
}

static void take_ended(CURLM *multi, struct addresses *addresses)
{
    CURLMsg *message;
    int left;

    while ((message = curl_multi_info_read(multi, &left))) {
        if (message->msg == CURLMSG_DONE && message->data.result == CURLE_OK)
            note_connected(addresses, message->easy_handle);
    }
}

/* Carries out and frees the handles, all at once. */
static void run(struct addresses *addresses, CURL **easy, size_t count, const atomic_int *stop)
{
    CURLM *multi = curl_multi_init();
    int running = 1;

    for (size_t i = 0; i < count; i++)
        curl_multi_add_handle(multi, easy[i]);
    while (running > 0 && !*stop && curl_multi_perform(multi, &running) == CURLM_OK) {
        if (running > 0)
            curl_multi_poll(multi, NULL, 0, WAIT_MS, NULL);
    }
    take_ended(multi, addresses);
    for (size_t i = 0; i < count; i++) {
        curl_multi_remove_handle(multi, easy[i]);
        curl_easy_cleanup(easy[i]);
    }
    curl_multi_cleanup(multi);
}

/* --- Looking up ------------------------------------------------------------------------------- */

static const char *number_of(const struct sockaddr *address, char *to, socklen_t room)
{
    const struct sockaddr_in *four = (const void *)address;
    const struct sockaddr_in6 *six = (const void *)address;

    if (address->sa_family == AF_INET)
        return inet_ntop(AF_INET, &four->sin_addr, to, room);
    /* the number of a link-local one says not which link it is on */
    if (address->sa_family == AF_INET6 && !IN6_IS_ADDR_LINKLOCAL(&six->sin6_addr))
        return inet_ntop(AF_INET6, &six->sin6_addr, to, room);
    return NULL;
}

/* Refuses each address that libcurl would try, which makes it go to the next. */
static curl_socket_t on_open_socket(void *context, curlsocktype purpose,
                                    struct curl_sockaddr *address)
{
    struct addresses *addresses = context;
    char text[REQUEST_ADDRESS];

    (void)purpose;
    if (addresses->count == ADDRESSES_MOST || !number_of(&address->addr, text, sizeof text))
        return CURL_SOCKET_BAD;
    for (size_t i = 0; i < addresses->count; i++) {
        if (strcmp(addresses->found[i].text, text) == 0)
            return CURL_SOCKET_BAD;
    }
    addresses->found[addresses->count] = (struct address){0};
    strcpy(addresses->found[addresses->count++].text, text);
    return CURL_SOCKET_BAD;
}

/* The order in which they are found may change from time to time. */
static int by_number(const void *a, const void *b)
{
    const struct address *x = a, *y = b;

    return strcmp(x->text, y->text);
}

/* libcurl's own way to look up a name, so that what is found is what it would use. */
static void look_up(struct addresses *addresses, const struct target *target,
                    struct curl_slist *headers, const atomic_int *stop)
{
    CURL *easy = new_look(target, headers);

    curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, on_open_socket);
    curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, addresses);
    run(addresses, &easy, 1, stop);
    qsort(addresses->found, addresses->count, sizeof *addresses->found, by_number);
}

/* --- Choosing --------------------------------------------------------------------------------- */

static void connect_to(struct addresses *addresses, const struct target *target,
                       struct curl_slist *headers, const char *only, const atomic_int *stop)
{
    struct curl_slist *route[ADDRESSES_MOST];
    CURL *easy[ADDRESSES_MOST];
    size_t count = 0;

    for (size_t i = 0; i < addresses->count; i++) {
        if (only && strcmp(only, addresses->found[i].text) != 0)
            continue;
        route[count] = route_new(target->chat_url, addresses->found[i].text);
        easy[count] = new_look(target, headers);
        curl_easy_setopt(easy[count], CURLOPT_CONNECT_TO, route[count]);
        curl_easy_setopt(easy[count++], CURLOPT_PRIVATE, mark_of(i));
    }
    run(addresses, easy, count, stop);
    for (size_t i = 0; i < count; i++)
        curl_slist_free_all(route[i]);
}

static void connect_to_first(struct addresses *addresses, const struct target *target,
                             struct curl_slist *headers, const atomic_int *stop)
{
    CURL *easy = new_look(target, headers);

    run(addresses, &easy, 1, stop);
}

static void take_used(struct addresses *addresses, const struct target *target)
{
    for (size_t i = 0; i < addresses->count; i++) {
        if (!addresses->found[i].used)
            continue;
        addresses->turn[addresses->used] = i;
        addresses->route[addresses->used++] = route_new(target->chat_url, addresses->found[i].text);
    }
}

static bool has_used(const struct addresses *addresses)
{
    for (size_t i = 0; i < addresses->count; i++) {
        if (addresses->found[i].used)
            return true;
    }
    return false;
}

static void choose(struct addresses *addresses, const struct target *target,
                   struct curl_slist *headers, const atomic_int *stop)
{
    if (addresses->count == 0)
        return;
    if (addresses->spread) {
        connect_to(addresses, target, headers, NULL, stop);
    } else {
        if (addresses->preferred && *addresses->preferred)
            connect_to(addresses, target, headers, addresses->preferred, stop);
        if (!has_used(addresses))
            connect_to_first(addresses, target, headers, stop);
    }
    take_used(addresses, target);
}

static void find(const struct target *target, bool chooses, const atomic_int *stop)
{
    struct addresses *addresses = target->addresses;
    struct curl_slist *headers;

    forget(addresses);
    if (target->proxy || !(addresses->name = name_in(target->chat_url)))
        return;
    curl_global_init(CURL_GLOBAL_DEFAULT);
    headers = easy_headers(target, false);
    look_up(addresses, target, headers, stop);
    if (chooses)
        choose(addresses, target, headers, stop);
    curl_slist_free_all(headers);
    curl_global_cleanup();
}

void addresses_look_up(const struct target *target, const atomic_int *stop)
{
    find(target, false, stop);
}

void addresses_choose(const struct target *target, const atomic_int *stop)
{
    find(target, true, stop);
}

/* --- What is found ---------------------------------------------------------------------------- */

const char *addresses_name(const struct addresses *addresses)
{
    return addresses->name ? addresses->name : "";
}

size_t addresses_count(const struct addresses *addresses)
{
    return addresses->count;
}

const char *addresses_at(const struct addresses *addresses, size_t index)
{
    return addresses->found[index].text;
}

size_t addresses_used(const struct addresses *addresses)
{
    return addresses->used;
}

const char *addresses_used_at(const struct addresses *addresses, size_t index)
{
    return addresses->found[addresses->turn[index]].text;
}

void route_set(CURL *easy, const struct addresses *addresses, size_t turn)
{
    if (addresses && addresses->used > 0)
        curl_easy_setopt(easy, CURLOPT_CONNECT_TO, addresses->route[turn % addresses->used]);
}

size_t route_count(const struct addresses *addresses)
{
    return addresses && addresses->used > 0 ? addresses->used : 1;
}
