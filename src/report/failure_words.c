#include "report/failure_words.h"

#include <string.h>

/* "@" stands for the endpoint's address, "$" for the key and where it comes from. */
static const struct {
    const char *code, *words;
} table[] = {
    {"400", "the endpoint refuses the request as malformed"},
    {"401", "the endpoint refuses the $"},
    {"402", "the endpoint asks for payment"},
    {"403", "the endpoint forbids this to the $"},
    {"404", "the endpoint has no such path or model"},
    {"405", "the endpoint does not take POST at this path"},
    {"408", "the endpoint gave up waiting for the request"},
    {"413", "the request is too large for the endpoint"},
    {"422", "the endpoint refuses a field of the request"},
    {"429", "the endpoint limits how much one key may ask"},
    {"500", "the endpoint has an internal error"},
    {"502", "the gateway cannot reach its server"},
    {"503", "the endpoint is not available"},
    {"504", "the gateway's server does not respond in time"},
    {"timeout", "the row's timeout ended the request"},
    {"idle_timeout", "the response stood still for idle_timeout"},
    {"connect_timeout", "no connection to @ within connect_timeout"},
    {"dns_error", "the host of @ is not known"},
    {"connection_refused", "nothing listens at @"},
    {"connection_reset", "the endpoint closed the connection"},
    {"tls_error", "no secure connection to @ can be made"},
    {"bad_stream", "the response is not in the format of the dialect"},
    {"truncated", "the connection closed before the response was complete"},
    {"stream_error", "the endpoint reports an error inside the response"},
    {"empty_answer", "the response has no content"},
    {"too_large", "the response passes a limit"},
    {"cancelled", "the request was cancelled"},
    {"local_ports", "this machine has no local ports left"},
    {"local_files", "this machine has no open files left"},
    {"local_network", "this machine has no way to @"},
    {"local_buffers", "this machine has no memory left for connections"},
};

enum { CODES = sizeof table / sizeof *table };

/* "key from SAMBANOVA_API_KEY"; of one that nobody gave, why (plan/environment.c). */
static void add_key(const char *source, struct text *text)
{
    static const char nowhere[] = "nowhere: ";
    const size_t length = sizeof nowhere - 1;

    if (!source || !*source) {
        text_add_string(text, "key from the environment");
    } else if (strncmp(source, nowhere, length) == 0) {
        text_add_string(text, "key 'none': ");
        text_add(text, source + length, strcspn(source + length, ","));
    } else {
        text_add_string(text, "key from ");
        text_add(text, source, strcspn(source, " "));
    }
}

static void add_words(const char *words, const struct failure_facts *facts, struct text *text)
{
    for (; *words; words++) {
        if (*words == '@')
            text_add_string(text, facts->address ? facts->address : "the endpoint");
        else if (*words == '$')
            add_key(facts->key_source, text);
        else
            text_add_char(text, *words);
    }
}

void failure_words_add(const char *code, const struct failure_facts *facts, struct text *text)
{
    text_add_string(text, code);
    for (size_t i = 0; i < CODES; i++) {
        if (strcmp(table[i].code, code) != 0)
            continue;
        text_add_string(text, ": ");
        add_words(table[i].words, facts, text);
        return;
    }
    if (facts->example && *facts->example)
        text_printf(text, ": %s", facts->example);
}
