/* Anything at all, as what the helper that counts tokens sends: the first byte tells where a read
 * is cut, the second how long the text was. Each line must come out as it was sent, and what is
 * taken of it must be what it says. */
#include <sys/socket.h>

#include "core/helper.h"
#include "input.h"
#include "prompt/tokenizer_reply.h"

static bool is_clean(const char *text)
{
    for (const char *at = text; *at; at++) {
        if ((unsigned char)*at < 0x20 || *at == 0x7f)
            return false;
    }
    return input_is_utf8(text);
}

/* What was refused has a sentence that a terminal can show. */
static void check_refusal(const struct error *error)
{
    require(error->text[0] && is_clean(error->text));
}

static void check_ready(const char *line)
{
    char library[TOKENIZER_LIBRARY] = "";
    struct error error = {""};

    if (!tokenizer_reply_ready(line, library, &error)) {
        check_refusal(&error);
        require(!library[0]);
        return;
    }
    require(strncmp(line, "ready ", 6) == 0 && strlen(library) == strlen(line) - 6);
    require(is_clean(library));
}

static void check_count(const char *line, size_t bytes)
{
    struct error error = {""};
    int64_t tokens = -1;
    char again[40];

    if (!tokenizer_reply_count(line, bytes, &tokens, &error)) {
        check_refusal(&error);
        require(tokens == -1);
        return;
    }
    require(tokens >= 0 &&
            tokens <= (int64_t)(bytes * TOKENIZER_TOKENS_PER_BYTE + TOKENIZER_TOKENS_MOST_EXTRA));
    snprintf(again, sizeof again, "%lld", (long long)tokens);
    require(strncmp(line, "count ", 6) == 0);
    line += 6;
    line += strspn(line, "0");
    require(strcmp(*line ? line : "0", again) == 0);
}

/* The next line of what was sent; NULL where the helper's end, or a line too long, comes first. */
static const char *next_line(const char **at, const char *end, size_t *length)
{
    const char *line = *at;
    const char *stop = memchr(line, '\n', (size_t)(end - line));

    if (!stop || stop - line >= HELPER_LINE)
        return NULL;
    *length = (size_t)(stop - line);
    *at = stop + 1;
    return line;
}

/* Reads each line that ends before `end`, and checks it. */
static void read_lines(struct helper *helper, const char **at, const char *end, size_t text)
{
    char line[HELPER_LINE];
    struct error error;
    const char *sent;
    size_t length;

    while ((sent = next_line(at, end, &length))) {
        require(helper_read(helper, line, INT64_MAX, &error));
        require(strlen(line) == strnlen(sent, length) && memcmp(line, sent, strlen(line)) == 0);
        check_ready(line);
        check_count(line, text);
    }
}

static void send_all(int socket, const char *bytes, size_t length)
{
    require(send(socket, bytes, length, MSG_NOSIGNAL) == (ssize_t)length);
}

/* The helper sends that much, and the rest once it was read; then it ends. */
static void read_replies(const char *bytes, size_t length, size_t cut, size_t text)
{
    struct helper helper = {0};
    const char *at = bytes, *end = bytes + length;
    char line[HELPER_LINE];
    struct error error = {""};
    int ends[2];

    require(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == 0);
    helper.socket = ends[0];
    send_all(ends[1], bytes, cut);
    read_lines(&helper, &at, bytes + cut, text);
    send_all(ends[1], bytes + cut, length - cut);
    close(ends[1]);
    read_lines(&helper, &at, end, text);
    require(!helper_read(&helper, line, INT64_MAX, &error));
    require(strcmp(error.text,
                   end - at < HELPER_LINE ? "ended" : "sent a line of more than 1023 bytes") == 0);
    close(ends[0]);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    size_t cut;

    if (length < 2)
        return 0;
    cut = (size_t)bytes[0] * 8;
    length -= 2;
    read_replies((const char *)bytes + 2, length, cut < length ? cut : length, bytes[1]);
    return 0;
}
