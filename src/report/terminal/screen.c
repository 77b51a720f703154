#include "report/terminal/screen.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "core/thread.h"

/* What a closed terminal does not take is lost, as it would be with any program. */
static void write_all(int fd, const struct text *text)
{
    size_t done = 0;

    while (done < text->length) {
        ssize_t put = write(fd, text->bytes + done, text->length - done);

        if (put < 0 && errno != EINTR)
            return;
        done += put > 0 ? (size_t)put : 0;
    }
}

/* The next bytes to write, in the place of what was written; false where no more will come. */
static bool take(struct screen *screen, struct text *taken)
{
    bool some;

    pthread_mutex_lock(&screen->lock);
    screen->writing = false;
    pthread_cond_broadcast(&screen->changed);
    while (screen->waiting.length == 0 && !screen->over)
        pthread_cond_wait(&screen->changed, &screen->lock);
    some = screen->waiting.length > 0;
    if (some) {
        struct text written = *taken;

        *taken = screen->waiting;
        screen->waiting = written;
        text_reset(&screen->waiting);
        screen->writing = true;
    }
    pthread_mutex_unlock(&screen->lock);
    return some;
}

static void *work(void *context)
{
    struct screen *screen = context;
    struct text taken = {0};

    while (take(screen, &taken))
        write_all(screen->fd, &taken);
    text_clear(&taken);
    return NULL;
}

void screen_init(struct screen *screen, int fd)
{
    *screen = (struct screen){.fd = fd};
    screen->page = open_memstream(&screen->bytes, &screen->length);
    if (!screen->page)
        abort();
    pthread_mutex_init(&screen->lock, NULL);
    pthread_cond_init(&screen->changed, NULL);
    screen->started = thread_start(&screen->thread, "screen", work, screen);
}

bool screen_is_idle(struct screen *screen)
{
    bool idle;

    pthread_mutex_lock(&screen->lock);
    idle = screen->waiting.length == 0 && !screen->writing;
    pthread_mutex_unlock(&screen->lock);
    return idle;
}

void screen_show(struct screen *screen)
{
    fflush(screen->page);
    pthread_mutex_lock(&screen->lock);
    text_add(&screen->waiting, screen->bytes, screen->length);
    if (screen->started) {
        pthread_cond_broadcast(&screen->changed);
    } else {
        write_all(screen->fd, &screen->waiting);
        text_reset(&screen->waiting);
    }
    pthread_mutex_unlock(&screen->lock);
    rewind(screen->page);
}

void screen_clear(struct screen *screen)
{
    if (!screen->page)
        return;
    if (screen->started) {
        pthread_mutex_lock(&screen->lock);
        screen->over = true;
        pthread_cond_broadcast(&screen->changed);
        pthread_mutex_unlock(&screen->lock);
        pthread_join(screen->thread, NULL);
    }
    fclose(screen->page);
    free(screen->bytes);
    text_clear(&screen->waiting);
    pthread_mutex_destroy(&screen->lock);
    pthread_cond_destroy(&screen->changed);
    *screen = (struct screen){0};
}
