/* The program's version, and those of the libraries that it runs with. */
#ifndef COMMAND_VERSION_H
#define COMMAND_VERSION_H

/* Prints "coebench 1.2.3" to stdout, and where `word` is --verbose or -v a line for each library
 * with the version that is loaded now; of libcsv, which does not tell, the one it was built with.
 * Returns the exit code: EXIT_BAD_INPUT with a sentence on stderr for any other word; NULL is none.
 */
int version_call(const char *word);

#endif
