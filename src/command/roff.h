/* Text for a manual page, to stdout: what roff would read as its own is escaped (groff_char(7),
 * man(7)), and letters beyond ASCII are written so that every formatter knows them. */
#ifndef COMMAND_ROFF_H
#define COMMAND_ROFF_H

/* Prose: an empty line parts paragraphs, a line that begins with a blank stands by itself, and
 * options such as --port are bold. */
void roff_prose(const char *text);

/* What is typed as it stands: a dash is a dash. */
void roff_exact(const char *text);

/* The same in bold. */
void roff_bold(const char *text);

/* What stands for something else, such as "[OPTION…] DIR": the capitals in italics. */
void roff_arguments(const char *text);

#endif
