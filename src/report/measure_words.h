/* Names of measures for people, who look at "TTFT p50"; files keep "client_ttft_s_p50". */
#ifndef REPORT_MEASURE_WORDS_H
#define REPORT_MEASURE_WORDS_H

#include <stddef.h>

/* "TTFT p50" of "client_ttft_s_p50", "Server TTFT mean" of "server_ttft_s_mean"; a key that has no
 * words loses its underscores. `size` bytes at `text`, which is returned. */
const char *measure_words(const char *key, char *text, size_t size);

#endif
