#include "wire/header.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "core/text.h"

bool header_read(const char *name, const char *line, size_t length, char *value, size_t size)
{
    size_t named = strlen(name);

    if (length <= named || line[named] != ':' || strncasecmp(line, name, named) != 0)
        return false;
    for (named++; named < length && (line[named] == ' ' || line[named] == '\t');)
        named++;
    while (length > named && isspace((unsigned char)line[length - 1]))
        length--;
    text_copy_printable(line + named, length - named, value, size);
    return true;
}
