/* Memory that is there: each call returns what was asked for, or ends the program with a sentence,
 * since a benchmark that runs out of memory has nothing sensible left to do. Free with free(). */
#ifndef CORE_MEMORY_H
#define CORE_MEMORY_H

#include <stdarg.h>
#include <stddef.h>

/* Bytes from which a block has pages of its own. */
enum { MEMORY_LARGE = 1 << 20 };

/* To be called once, before the first thread: blocks of MEMORY_LARGE bytes and more have pages of
 * their own from then on, so that they grow without a copy (mremap(2)) and go back to the system
 * when they are freed. By itself the library ends that once such a block was freed (mallopt(3)),
 * and what 64 responses hold then takes twice as much, in holes. */
void memory_prepare(void);

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
