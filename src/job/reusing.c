#include "job/reusing.h"

#include <string.h>

/* The settings count as load/ does. */
_Static_assert((int)CONNECTION_REUSE_AUTO == (int)REUSE_AUTO, "auto");
_Static_assert((int)CONNECTION_REUSE_ALWAYS == (int)REUSE_ALWAYS, "always");
_Static_assert((int)CONNECTION_REUSE_NEVER == (int)REUSE_NEVER, "never");

/* A manifest that holds anything else has learned nothing. */
static enum reuse_mode learned_before(const struct manifest_content *resumes)
{
    const char *word = resumes ? manifest_find(resumes, manifest_connection_reuse_key) : NULL;

    for (int i = 0; word && settings_reuse_names[i]; i++) {
        if (strcmp(word, settings_reuse_names[i]) == 0)
            return (enum reuse_mode)i;
    }
    return REUSE_AUTO;
}

/* Requests of HTTP/2 share connections, and its servers say so before they close one. */
void reusing_begin(struct preparation *preparation, const struct manifest_content *resumes,
                   struct faults *faults)
{
    const struct settings *settings = &preparation->settings;
    enum reuse_mode asked = (enum reuse_mode)settings->connection.reuse;
    bool shared = settings->connection.http == CONNECTION_HTTP_2;

    if (shared && asked == REUSE_NEVER)
        settings_fault(settings, faults, "connection.reuse",
                       "never is for HTTP/1.1; with connection.http 2 requests share connections");
    reuse_init(&preparation->reuse, shared ? REUSE_ALWAYS : asked, learned_before(resumes));
}

const char *reusing_word(const struct preparation *preparation)
{
    return settings_reuse_names[reuse_now(&preparation->reuse)];
}

void reusing_tell(const struct preparation *preparation, struct progress *progress)
{
    char line[200];

    if (reuse_take_news(preparation->target.reuse, line, sizeof line))
        progress_say(progress, line);
}
