#include "record/request.h"

#include "core/memory.h"

enum { CHUNKS_FIRST = 16 };

const char *const request_phase_words[] = {"", "warmup", "cooldown", NULL};

const char *const request_end_words[REQUEST_ENDS] = {
    [REQUEST_COMPLETED] = "",
    [REQUEST_HTTP_ERROR] = "http_error",
    [REQUEST_TIMEOUT] = "timeout",
    [REQUEST_IDLE_TIMEOUT] = "idle_timeout",
    [REQUEST_CONNECT_TIMEOUT] = "connect_timeout",
    [REQUEST_DNS_ERROR] = "dns_error",
    [REQUEST_CONNECTION_REFUSED] = "connection_refused",
    [REQUEST_CONNECTION_RESET] = "connection_reset",
    [REQUEST_TLS_ERROR] = "tls_error",
    [REQUEST_BAD_STREAM] = "bad_stream",
    [REQUEST_TRUNCATED] = "truncated",
    [REQUEST_STREAM_ERROR] = "stream_error",
    [REQUEST_EMPTY_RESPONSE] = "empty_answer",
    [REQUEST_TOO_LARGE] = "too_large",
    [REQUEST_LOCAL_PORTS] = "local_ports",
    [REQUEST_LOCAL_FILES] = "local_files",
    [REQUEST_LOCAL_NETWORK] = "local_network",
    [REQUEST_LOCAL_BUFFERS] = "local_buffers",
    [REQUEST_CANCELLED] = "cancelled",
};

const bool request_end_is_local[REQUEST_ENDS] = {
    [REQUEST_LOCAL_PORTS] = true,
    [REQUEST_LOCAL_FILES] = true,
    [REQUEST_LOCAL_NETWORK] = true,
    [REQUEST_LOCAL_BUFFERS] = true,
};

void request_add_chunk(struct request *request, const struct chunk *chunk)
{
    if (request->chunk_count == request->chunk_room) {
        request->chunk_room = request->chunk_room ? 2 * request->chunk_room : CHUNKS_FIRST;
        request->chunks =
            memory_resize(request->chunks, request->chunk_room, sizeof *request->chunks);
    }
    request->chunks[request->chunk_count++] = *chunk;
}
