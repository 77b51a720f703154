#include "core/sliced.h"

#include <openssl/bio.h>
#include <pthread.h>
#include <stdlib.h>

#include "core/memory.h"

struct slice {
    size_t reads, bytes; /* so far */
    bool cut;
};

static pthread_once_t once = PTHREAD_ONCE_INIT;
static BIO_METHOD *method; /* made once, and never changed; … */
static int type;           /* … its own */

static int read_slice(BIO *bio, char *bytes, int length)
{
    struct slice *slice = BIO_get_data(bio);
    int got;

    BIO_clear_retry_flags(bio);
    if (slice->reads >= SLICED_READS_MOST || slice->bytes >= SLICED_BYTES_MOST) {
        *slice = (struct slice){.cut = true};
        BIO_set_retry_read(bio);
        return -1;
    }
    got = BIO_read(BIO_next(bio), bytes, length);
    BIO_copy_next_retry(bio);
    *slice = got > 0 ? (struct slice){slice->reads + 1, slice->bytes + (size_t)got, false}
                     : (struct slice){0};
    return got;
}

static int write_on(BIO *bio, const char *bytes, int length)
{
    int taken;

    BIO_clear_retry_flags(bio);
    taken = BIO_write(BIO_next(bio), bytes, length);
    BIO_copy_next_retry(bio);
    return taken;
}

static long control(BIO *bio, int command, long number, void *pointer)
{
    return BIO_next(bio) ? BIO_ctrl(BIO_next(bio), command, number, pointer) : 0;
}

static int create(BIO *bio)
{
    BIO_set_data(bio, memory_new(1, sizeof(struct slice)));
    BIO_set_init(bio, 1);
    return 1;
}

static int destroy(BIO *bio)
{
    free(BIO_get_data(bio));
    return 1;
}

static void make_method(void)
{
    type = BIO_get_new_index() | BIO_TYPE_FILTER;
    method = BIO_meth_new(type, "slices");
    if (!method)
        return;
    BIO_meth_set_read(method, read_slice);
    BIO_meth_set_write(method, write_on);
    BIO_meth_set_ctrl(method, control);
    BIO_meth_set_create(method, create);
    BIO_meth_set_destroy(method, destroy);
}

BIO *sliced_new(BIO *below)
{
    BIO *bio;

    pthread_once(&once, make_method);
    bio = method ? BIO_new(method) : NULL;
    return bio ? BIO_push(bio, below) : NULL;
}

bool sliced_is(const BIO *bio)
{
    pthread_once(&once, make_method);
    return bio && method && BIO_method_type(bio) == type;
}

bool sliced_was_cut(BIO *bio)
{
    const struct slice *slice = BIO_get_data(bio);

    return slice->cut;
}
