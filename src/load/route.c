#include "load/route.h"

#include <stdlib.h>
#include <string.h>

#include "core/memory.h"

/* CURLU_PUNYCODE: libcurl compares with the name that it asks for. */
static char *part_of(CURLU *parts, CURLUPart part, unsigned flags)
{
    char *text = NULL;

    return curl_url_get(parts, part, &text, flags) == CURLUE_OK ? text : NULL;
}

struct curl_slist *route_new(const char *url, const char *address)
{
    CURLU *parts = curl_url();
    bool six = strchr(address, ':') != NULL;
    char *host, *port, *line;
    struct curl_slist *route;

    curl_url_set(parts, CURLUPART_URL, url, 0);
    host = part_of(parts, CURLUPART_HOST, CURLU_PUNYCODE);
    port = part_of(parts, CURLUPART_PORT, CURLU_DEFAULT_PORT);
    line = memory_printf("%s:%s:%s%s%s:", host ? host : "", port ? port : "", six ? "[" : "",
                         address, six ? "]" : "");
    route = curl_slist_append(NULL, line);
    if (!route)
        abort();
    free(line);
    curl_free(host);
    curl_free(port);
    curl_url_cleanup(parts);
    return route;
}
