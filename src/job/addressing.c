#include "job/addressing.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "core/text.h"
#include "job/interrupt.h"
#include "load/addresses.h"

void addressing_begin(struct preparation *preparation, const struct manifest_content *resumes)
{
    const char *before = resumes ? manifest_find(resumes, manifest_remote_used_key) : NULL;

    preparation->used_before = memory_text(before);
    preparation->addresses = addresses_new(preparation->settings.connection.spread, before);
}

typedef const char *(*tell)(const struct addresses *addresses, size_t index);

/* "127.0.0.1, ::1"; for the caller to free. */
static char *list(const struct addresses *addresses, tell at, size_t count)
{
    struct text text = {0};

    for (size_t i = 0; i < count; i++)
        text_printf(&text, "%s%s", i > 0 ? ", " : "", at(addresses, i));
    return text_take(&text);
}

static char *list_used(const struct addresses *addresses)
{
    return list(addresses, addresses_used_at, addresses_used(addresses));
}

static char *list_found(const struct addresses *addresses)
{
    return list(addresses, addresses_at, addresses_count(addresses));
}

/* --- plan ------------------------------------------------------------------------------------- */

void addressing_warn(struct preparation *preparation)
{
    const struct addresses *addresses = preparation->addresses;
    bool spread = preparation->settings.connection.spread;
    size_t count;
    char *all;

    addresses_look_up(&preparation->target, &interrupt_asked);
    count = addresses_count(addresses);
    all = list_found(addresses);
    if (count > 1 && spread)
        faults_add(&preparation->warnings, NULL, 0,
                   "'%s' has %zu addresses (%s): a run spreads its requests over all that accept "
                   "connections, and measures no switch",
                   addresses_name(addresses), count, all);
    else if (count > 1)
        faults_add(&preparation->warnings, NULL, 0,
                   "'%s' has %zu addresses (%s), each with its own server, perhaps: a run uses the "
                   "first that accepts a connection; connection.spread uses all",
                   addresses_name(addresses), count, all);
    else if (spread)
        settings_fault(&preparation->settings, &preparation->warnings, "connection.spread",
                       "there is nothing to spread over: %s is one address",
                       count == 1 ? all : "the endpoint's");
    free(all);
}

/* --- A run ------------------------------------------------------------------------------------ */

void addressing_choose(const struct preparation *preparation)
{
    addresses_choose(&preparation->target, &interrupt_asked);
}

bool addressing_spreads(const struct preparation *preparation)
{
    const struct addresses *addresses = preparation->addresses;

    return preparation->settings.connection.spread && addresses_count(addresses) > 1 &&
           addresses_used(addresses) != 1;
}

static bool may_come_out_otherwise(const struct preparation *preparation)
{
    const struct addresses *addresses = preparation->addresses;
    const struct settings *settings = &preparation->settings;

    if (!*addresses_name(addresses) || settings->wait_ready_s == 0)
        return false;
    return addresses_used(addresses) == 0 || settings->connection.spread;
}

static bool is_used(const struct addresses *addresses, const char *address)
{
    for (size_t i = 0; i < addresses_used(addresses); i++) {
        if (strcmp(addresses_used_at(addresses, i), address) == 0)
            return true;
    }
    return false;
}

static void say_left_out(const struct addresses *addresses, struct progress *progress)
{
    char line[200];

    for (size_t i = 0; i < addresses_count(addresses); i++) {
        const char *address = addresses_at(addresses, i);

        if (is_used(addresses, address))
            continue;
        snprintf(line, sizeof line, "%s of '%.80s' accepts no connection; no request goes there",
                 address, addresses_name(addresses));
        progress_say(progress, line);
    }
}

static void say_change(const struct preparation *preparation, const char *used,
                       struct progress *progress)
{
    const char *before = preparation->used_before;
    char line[600];

    if (!before || !*before || strcmp(before, used) == 0)
        return;
    snprintf(
        line, sizeof line,
        "the run began with %.200s of '%.80s', which it cannot use now; it resumes with %.200s",
        before, addresses_name(preparation->addresses), used);
    progress_say(progress, line);
}

void addressing_settle(const struct preparation *preparation, struct progress *progress,
                       struct manifest *manifest)
{
    const struct addresses *addresses = preparation->addresses;
    struct manifest_addresses entry = {.name = addresses_name(addresses)};
    char *used, *found;

    if (may_come_out_otherwise(preparation))
        addressing_choose(preparation);
    if (!*addresses_name(addresses) || interrupt_asked)
        return;
    entry.name = addresses_name(addresses);
    entry.count = addresses_count(addresses);
    entry.found = found = list_found(addresses);
    entry.used = used = list_used(addresses);
    if (*used) {
        say_change(preparation, used, progress);
        if (preparation->settings.connection.spread)
            say_left_out(addresses, progress);
    }
    manifest_set_addresses(manifest, &entry);
    free(found);
    free(used);
}
