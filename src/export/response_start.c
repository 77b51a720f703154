#include "export/response_start.h"

#include <string.h>

#include "core/memory.h"

static bool is_start(const char *key)
{
    return strcmp(key, "start_timestamp_utc") == 0;
}

char *response_start(const struct response_reader *reader)
{
    struct text json = {0};
    const char *value, *end;
    char *start;

    response_reader_print(reader, is_start, &json);
    value = json.bytes ? strstr(json.bytes, ":\"") : NULL;
    end = value ? strchr(value + 2, '"') : NULL;
    start = end ? memory_bytes(value + 2, (size_t)(end - value - 2)) : NULL;
    text_clear(&json);
    return start;
}
