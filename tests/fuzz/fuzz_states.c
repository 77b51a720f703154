/* Anything at all, as what servers say is loaded, and as lines of their events. The first byte says
 * which server. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "input.h"
#include "telemetry/load_events.h"
#include "telemetry/loaded.h"

/* Its own room, so that a look behind its end shows. */
static char *copy(const uint8_t *bytes, size_t length)
{
    char *text = malloc(length ? length : 1);

    if (length > 0)
        memcpy(text, bytes, length);
    return text;
}

static void read_list(enum state_source source, const char *text, size_t length)
{
    struct loaded loaded = {0};
    struct text json = {0};

    if (!loaded_read(source, text, length, &loaded))
        require(loaded.models == 0);
    for (size_t i = 0; i < loaded.models; i++)
        require(loaded.model[i].name && loaded.model[i].word <= STATE_LOADED);
    loaded_add_json(&loaded, &json);
    require(json.bytes[0] == '[' && json.bytes[json.length - 1] == ']');
    require(loaded_find(&loaded, "a") <= STATE_LOADED);
    text_clear(&json);
    loaded_clear(&loaded);
}

static void read_events(enum state_source source, const char *text, size_t length)
{
    struct load_events events = {0};
    int64_t at_ns = 0;

    for (size_t begin = 0, i = 0; i <= length; i++) {
        if (i < length && text[i] != '\n')
            continue;
        load_events_take(&events, source, text + begin, i - begin, ++at_ns);
        begin = i + 1;
    }
    for (size_t i = 0; i < events.loads; i++)
        require(events.load[i].end_ns >= events.load[i].begin_ns &&
                load_events_s(&events, events.load[i].model, 0, at_ns) >= 0);
    load_events_clear(&events);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    static const enum state_source sources[] = {STATE_SOURCE_LLAMA_CPP, STATE_SOURCE_LLAMA_SWAP,
                                                STATE_SOURCE_OLLAMA, STATE_SOURCE_VLLM};
    enum state_source source;
    char *text;

    if (length == 0)
        return 0;
    source = sources[bytes[0] % 4];
    text = copy(bytes + 1, length - 1);
    read_list(source, text, length - 1);
    read_events(source, text, length - 1);
    free(text);
    return 0;
}
