#include "command/roff.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "core/text.h"

/* The code point of a UTF-8 sequence of `length` bytes (RFC 3629). */
static unsigned code_point(const char *letter, size_t length)
{
    unsigned code = (unsigned char)*letter & (0xffu >> (length + 1));

    for (size_t i = 1; i < length; i++)
        code = code << 6 | ((unsigned char)letter[i] & 0x3fu);
    return code;
}

/* One letter, escaped where roff or a typesetter would make another of it; returns its length. */
static size_t put(const char *letter)
{
    static const char special[] = "\\'`^~";
    static const char *const names[] = {"\\e", "\\(aq", "\\(ga", "\\(ha", "\\(ti"};
    size_t length = text_utf8_length(letter);
    const char *found = strchr(special, *letter);

    if (length > 1)
        printf("\\[u%04X]", code_point(letter, length));
    else if (found)
        fputs(names[found - special], stdout);
    else
        putchar(*letter);
    return length ? length : 1;
}

/* How many letters at `text` are an option with its dashes; 0: none. */
static size_t option_length(const char *text)
{
    size_t length = 2;

    if (strncmp(text, "--", 2) != 0 || !islower((unsigned char)text[2]))
        return 0;
    while (islower((unsigned char)text[length]) ||
           (text[length] == '-' && islower((unsigned char)text[length + 1])))
        length++;
    return length;
}

static void put_exact(const char *text, size_t length)
{
    for (const char *end = text + length; text < end;) {
        if (*text == '-')
            putchar('\\');
        text += put(text);
    }
}

void roff_exact(const char *text)
{
    if (*text == '.')
        fputs("\\&", stdout); /* no request of roff's */
    put_exact(text, strlen(text));
}

void roff_bold(const char *text)
{
    fputs("\\fB", stdout);
    put_exact(text, strlen(text));
    fputs("\\fR", stdout);
}

static bool begins_word(const char *text, const char *at)
{
    return at == text || !isalnum((unsigned char)at[-1]);
}

void roff_prose(const char *text)
{
    for (const char *at = text; *at;) {
        size_t option = begins_word(text, at) ? option_length(at) : 0;

        if (option) {
            fputs("\\fB", stdout);
            put_exact(at, option);
            fputs("\\fR", stdout);
            at += option;
        } else if (strncmp(at, "\n\n", 2) == 0) {
            fputs("\n.PP\n", stdout);
            at += 2;
        } else if (*at == '\n' && at[1] != '\0' && at[1] != ' ') {
            putchar(' '); /* else some gaps between sentences were wider than others */
            at++;
        } else {
            if (*at == '.' && (at == text || at[-1] == '\n'))
                fputs("\\&", stdout);
            if (*at == '-' && begins_word(text, at))
                putchar('\\'); /* a dash, no hyphen */
            at += put(at);
        }
    }
}

static size_t capitals(const char *text)
{
    return strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZ_");
}

void roff_arguments(const char *text)
{
    while (*text) {
        size_t length = capitals(text);

        if (length) {
            printf("\\fI%.*s\\fR", (int)length, text);
            text += length;
        } else {
            text += put(text);
        }
    }
}
