/* Anything at all, as a body in chunks behind its head: the first byte picks where reads end. What
 * is taken for whole chunks is passed as whole, whole and in pieces alike, and a head is one
 * whatever follows it. */
#include "wire/chunked.h"

#include "input.h"

static void check_head(const char *bytes, size_t length)
{
    size_t head = chunked_head(bytes, length);

    require(head <= length);
    if (head == 0)
        return;
    require(head > 4 && memcmp(bytes + head - 4, "\r\n\r\n", 4) == 0);
    require(chunked_head(bytes, head) == head && chunked_head(bytes, head - 1) == 0);
}

/* The data of all chunks, as it is found chunk by chunk; each in bytes of its own. */
static size_t check_chunks(const char *bytes, size_t length)
{
    size_t at = 0, sum = 0, some, data_length;
    const char *data;

    while (at < length) {
        some = chunked_next(bytes + at, length - at, &data, &data_length);
        require(some > data_length + 4 && some <= length - at && data_length > 0);
        require(data > bytes + at && data + data_length + 2 == bytes + at + some);
        at += some;
        sum += data_length;
    }
    return sum;
}

static bool pass(struct chunked *chunked, const char *bytes, size_t length, size_t read,
                 size_t *data)
{
    for (size_t at = 0; at < length; at += read) {
        size_t some = length - at < read ? length - at : read;
        char *copy = input_copy((const uint8_t *)bytes + at, some);
        bool passed = chunked_pass(chunked, copy, some, data);

        free(copy);
        if (!passed)
            return false;
    }
    return true;
}

static void check_body(const char *bytes, size_t length, size_t read)
{
    struct chunked whole = {0}, pieces = {0};
    size_t count = chunked_count(bytes, length), data = 0, by_piece = 0;
    bool passed = chunked_pass(&whole, bytes, length, &data);

    require(count <= length / 6);
    require(pass(&pieces, bytes, length, read, &by_piece) == passed);
    require(data <= length);
    if (!passed) {
        require(count == 0);
        return;
    }
    require(by_piece == data && chunked_is_between(&pieces) == chunked_is_between(&whole));
    require((count > 0) == (length > 0 && chunked_is_between(&whole)));
    if (count > 0)
        require(check_chunks(bytes, length) == data);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    char *text;
    size_t head;

    if (length < 1)
        return 0;
    text = input_copy(bytes + 1, length - 1);
    check_head(text, length - 1);
    head = chunked_head(text, length - 1);
    check_body(text + head, length - 1 - head, 1 + bytes[0] % 32);
    free(text);
    return 0;
}
