#include "store/manifest_host.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "core/file.h"
#include "core/text.h"
#include "plan/address.h"
#include "store/json.h"

enum { COMMAND_MOST = 1 << 20 };

/* The first that /proc/cpuinfo names (proc(5)). */
static void add_cpu(cJSON *host)
{
    FILE *file = fopen("/proc/cpuinfo", "re");
    char line[256], name[200];

    while (file && fgets(line, sizeof line, file)) {
        if (sscanf(line, "model name : %199[^\n]", name) == 1) {
            json_add_text(host, "cpu", name);
            break;
        }
    }
    if (file)
        fclose(file);
}

/* What the query of an address says is a secret. */
static void add_word(struct text *line, const char *word)
{
    char *shown = strstr(word, "://") ? address_hide(word) : NULL;

    text_printf(line, "%s%s", line->length > 0 ? " " : "", shown ? shown : word);
    free(shown);
}

/* The words this program was called with; none of them is ever a key. */
void manifest_add_command_line(cJSON *root)
{
    struct text words = {0}, line = {0};
    struct error error;

    if (!file_read("/proc/self/cmdline", COMMAND_MOST, &words, &error))
        text_reset(&words);
    for (size_t i = 0; i + 1 < words.length; i += strlen(words.bytes + i) + 1)
        add_word(&line, words.bytes + i);
    if (line.length > 0)
        json_add_text(root, "command_line", line.bytes);
    text_clear(&words);
    text_clear(&line);
}

static void add_ranks(cJSON *root, const struct manifest_facts *facts)
{
    cJSON *ranks = facts->ranks > 1 ? cJSON_AddObjectToObject(root, "ranks") : NULL;

    if (!ranks)
        return;
    cJSON_AddNumberToObject(ranks, "count", (double)facts->ranks);
    json_add_text(ranks, "hosts", facts->hosts);
}

void manifest_add_host(cJSON *root, const struct manifest_facts *facts)
{
    cJSON *host = cJSON_AddObjectToObject(root, "host");
    struct utsname about;

    add_ranks(root, facts);
    if (uname(&about) != 0)
        return;
    json_add_text(host, "name", about.nodename);
    json_add_text(host, "system", about.sysname);
    json_add_text(host, "kernel", about.release);
    json_add_text(host, "machine", about.machine);
    add_cpu(host);
    cJSON_AddNumberToObject(host, "cpus", (double)sysconf(_SC_NPROCESSORS_ONLN));
}
