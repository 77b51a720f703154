/* Memory that is there: each call returns what was asked for, or ends the program with a sentence,
 * since a benchmark that runs out of memory has nothing sensible left to do. Free with free(). */
#ifndef CORE_MEMORY_H
#define CORE_MEMORY_H

#include <stdarg.h>
#include <stddef.h>

/* Zeroed room for `count` things of `size` bytes. */
void *memory_new(size_t count, size_t size);

/* Room for `count` things of `size` bytes, keeping what `old` (or NULL) held. */
void *memory_resize(void *old, size_t count, size_t size);

/* Room for one more behind `count` things that have always grown this way: it doubles now and then,
 * so that a million of them do not cost a million copies. */
void *memory_grow(void *old, size_t count, size_t size);

/* A copy of a text; NULL stays NULL. */
char *memory_text(const char *text);

/* A copy of `length` bytes, with a NUL behind them. */
char *memory_bytes(const char *bytes, size_t length);

/* A formatted text. */
char *memory_printf(const char *format, ...) __attribute__((format(printf, 1, 2)));
char *memory_vprintf(const char *format, va_list arguments) __attribute__((format(printf, 1, 0)));

#endif
