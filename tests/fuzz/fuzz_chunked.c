/* Anything at all, as a body in chunks behind its head: the first byte picks where reads end. What
 * is taken for whole chunks is passed as whole, whole and in pieces alike, data is taken up to the
 * byte at which passing ends, and a head is one whatever follows it. */
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

/* Takes what can be taken of a piece; false: the next byte is not read. */
static bool take(struct chunked *chunked, const char *bytes, size_t length, size_t *taken,
                 size_t *data)
{
    while (*taken < length) {
        const char *piece;
        size_t piece_length, before = *taken;

        *taken += chunked_take(chunked, bytes + before, length - before, &piece, &piece_length);
        require(*taken <= length && piece_length <= *taken - before);
        require(piece_length == 0 || piece + piece_length == bytes + *taken);
        *data += piece_length;
        if (piece_length == 0 && *taken < length)
            return false;
    }
    return true;
}

/* Another reader is brought as far by a prefix. */
static void check_prefix(const struct chunked *chunked)
{
    char prefix[CHUNKED_PREFIX_MOST];
    struct chunked other = {0};
    size_t data, heard = 0, length = chunked_prefix(chunked, prefix, &data);

    require(length < CHUNKED_PREFIX_MOST);
    require(chunked_pass(&other, prefix, length, &heard) && heard == data);
    require(other.step == chunked->step && other.left == chunked->left);
}

/* Whole and in pieces the same is taken, and what is passed is taken to its end. */
static void check_taking(const char *bytes, size_t length, size_t read)
{
    struct chunked whole = {0}, pieces = {0}, passing = {0};
    size_t taken = 0, data = 0, at = 0, by_piece = 0, passed = 0;
    bool is_read = take(&whole, bytes, length, &taken, &data), goes_on = true;

    while (goes_on && at < length) {
        size_t some = length - at < read ? length - at : read, part = 0;
        char *copy = input_copy((const uint8_t *)bytes + at, some);

        goes_on = take(&pieces, copy, some, &part, &by_piece);
        free(copy);
        at += part;
    }
    require(at == taken && by_piece == data && goes_on == is_read);
    require(chunked_pass(&passing, bytes, taken, &passed) && passed == data);
    require(chunked_is_between(&passing) == chunked_is_between(&whole));
    check_prefix(&whole);
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
    check_taking(text + head, length - 1 - head, 1 + bytes[0] % 32);
    free(text);
    return 0;
}
