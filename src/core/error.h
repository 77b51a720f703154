/* How a room says that something went wrong.
 *
 * A room returns false (or NULL) and leaves one plain sentence: what is wrong, where, and what
 * would be right. Rooms print nothing; only commands print. `struct error` is for the one fault
 * that ends an action, `struct faults` for inputs, whose faults are all found before anything is
 * reported. */
#ifndef CORE_ERROR_H
#define CORE_ERROR_H

#include <stdbool.h>
#include <stddef.h>

struct error {
    char text[1024];
};

/* Writes the sentence, cut to fit, and returns false, so that a room can `return error_set(…)`. */
bool error_set(struct error *error, const char *format, ...) __attribute__((format(printf, 2, 3)));

struct faults {
    char **text;               /* one sentence each, with its place in front, owned */
    struct fault_place *place; /* of each; owned */
    size_t count;
};

/* Where a fault's text says that it is. */
struct fault_place {
    size_t file_length; /* of the file, with which the text begins; 0: it names none */
    int line;           /* 0: it names none */
    size_t sentence;    /* where behind that the sentence begins */
};

/* Adds "file:line: sentence"; a line of 0 leaves the line out, a NULL file both. */
void faults_add(struct faults *faults, const char *file, int line, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* The setting or column that a sentence is about, by how it begins: `slo: …`, `'timeout' is
 * missing`, `unknown key 'x'`, `column 'x' …`. Returns where its name stands in the sentence, and
 * its length; 0: it is about none. */
size_t fault_field(const char *sentence, const char **field);

/* Frees the sentences and empties the list; a zeroed one is fine. */
void faults_clear(struct faults *faults);

#endif
