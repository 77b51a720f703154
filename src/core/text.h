/* A growable run of bytes, always with a NUL behind the last.
 *
 * `struct text t = {0};` is an empty one. Adding never fails (memory.h). A buffer that a network
 * feeds is checked against a ceiling by its owner before it adds. */
#ifndef CORE_TEXT_H
#define CORE_TEXT_H

#include <stddef.h>
#include <stdint.h>

struct text {
    char *bytes; /* NULL while nothing was added */
    size_t length;
    size_t room;
};

void text_add(struct text *text, const void *bytes, size_t length);
void text_add_string(struct text *text, const char *string);
void text_add_char(struct text *text, char byte);
void text_printf(struct text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* How many bytes the UTF-8 sequence at `string` has (RFC 3629), 0 where none begins there. */
size_t text_utf8_length(const char *string);

/* Adds nanoseconds as seconds, exactly: a decimal without an exponent. */
void text_add_seconds(struct text *text, int64_t ns);

/* Adds a count or index in decimal digits. */
void text_add_size(struct text *text, size_t number);

/* Adds `string` as a JSON string, quotes included (RFC 8259: control characters as \u00XX). A byte
 * that is no UTF-8 becomes U+FFFD, so that the file can be read whatever a server sent; C0 80 is
 * \u0000 (nul.h). */
void text_add_json(struct text *text, const char *string);

/* Adds `string` as Markdown that reads as it does: the signs that would be markup anywhere are
 * escaped, and a control character is a space, so that a table's cell stays one (CommonMark 2.4).
 */
void text_add_markdown(struct text *text, const char *string);

/* Adds a number with as few digits as give the same number back; one that is not finite is null. */
void text_add_number(struct text *text, double number);

/* Adds `length` bytes as base64 with padding (RFC 4648, section 4). */
void text_add_base64(struct text *text, const void *bytes, size_t length);

/* Copies bytes, cut to fit `size` and never in the middle of a UTF-8 sequence, with a blank for
 * each byte of what does not belong into a line of a terminal (clean.h), and '?' for what is no
 * UTF-8: what somebody else wrote may be on its way there. */
void text_copy_printable(const char *bytes, size_t length, char *to, size_t size);

/* Forgets the content, keeps the room. */
void text_reset(struct text *text);

/* Gives the bytes to the caller, who frees them, and leaves an empty text; never NULL. */
char *text_take(struct text *text);

void text_clear(struct text *text);

#endif
