#include "load/result.h"

#include <string.h>

/* Numbers that an older libcurl's header does not name; they never change. */
enum { SINCE_8_6_TOO_LARGE = 100, SINCE_8_8_ECH_REQUIRED = 101, FIRST_RESERVED = 115 };

enum { CODES_A_RULE = 80 };

static const struct rule {
    enum request_end end;
    int codes[CODES_A_RULE]; /* up to the first 0 */
} rules[] = {
    {REQUEST_DNS_ERROR, {CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_RESOLVE_PROXY}},
    {REQUEST_CONNECTION_REFUSED, {CURLE_COULDNT_CONNECT, CURLE_PROXY, CURLE_QUIC_CONNECT_ERROR}},
    {REQUEST_CONNECT_TIMEOUT, {CURLE_OPERATION_TIMEDOUT}}, /* libcurl is given no other limit */
    {REQUEST_TLS_ERROR,
     {CURLE_SSL_CONNECT_ERROR, CURLE_SSL_ENGINE_NOTFOUND, CURLE_SSL_ENGINE_SETFAILED,
      CURLE_SSL_CERTPROBLEM, CURLE_SSL_CIPHER, CURLE_PEER_FAILED_VERIFICATION, CURLE_USE_SSL_FAILED,
      CURLE_SSL_ENGINE_INITFAILED, CURLE_SSL_CACERT_BADFILE, CURLE_SSL_SHUTDOWN_FAILED,
      CURLE_SSL_CRL_BADFILE, CURLE_SSL_ISSUER_ERROR, CURLE_SSL_PINNEDPUBKEYNOTMATCH,
      CURLE_SSL_INVALIDCERTSTATUS, CURLE_SSL_CLIENTCERT, SINCE_8_8_ECH_REQUIRED}},
    /* A reused connection that is dead: our callbacks let nothing leave twice. */
    {REQUEST_CONNECTION_RESET, {CURLE_SEND_FAIL_REWIND, CURLE_ABORTED_BY_CALLBACK}},
    {REQUEST_CONNECTION_RESET,
     {CURLE_GOT_NOTHING, CURLE_SEND_ERROR, CURLE_RECV_ERROR, CURLE_HTTP2, CURLE_HTTP2_STREAM,
      CURLE_HTTP3}},
    {REQUEST_TRUNCATED, {CURLE_PARTIAL_FILE}},
    /* What is no HTTP/1 is CURLE_UNSUPPORTED_PROTOCOL. */
    {REQUEST_BAD_STREAM,
     {CURLE_UNSUPPORTED_PROTOCOL, CURLE_WEIRD_SERVER_REPLY, CURLE_BAD_CONTENT_ENCODING}},
    {REQUEST_TOO_LARGE, {CURLE_FILESIZE_EXCEEDED, SINCE_8_6_TOO_LARGE}},
    /* This machine, or libcurl itself. */
    {REQUEST_LOCAL_NETWORK, {CURLE_INTERFACE_FAILED}},
    {REQUEST_LOCAL_BUFFERS,
     {CURLE_FAILED_INIT, CURLE_URL_MALFORMAT, CURLE_NOT_BUILT_IN, CURLE_WRITE_ERROR,
      CURLE_READ_ERROR, CURLE_OUT_OF_MEMORY, CURLE_FUNCTION_NOT_FOUND, CURLE_BAD_FUNCTION_ARGUMENT,
      CURLE_UNKNOWN_OPTION, CURLE_SETOPT_OPTION_SYNTAX, CURLE_AGAIN, CURLE_NO_CONNECTION_AVAILABLE,
      CURLE_RECURSIVE_API_CALL, CURLE_UNRECOVERABLE_POLL}},
    /* Options of HTTP that no handle of ours has. */
    {REQUEST_LOCAL_BUFFERS,
     {CURLE_REMOTE_ACCESS_DENIED, CURLE_HTTP_RETURNED_ERROR, CURLE_UPLOAD_FAILED, CURLE_RANGE_ERROR,
      CURLE_HTTP_POST_ERROR, CURLE_BAD_DOWNLOAD_RESUME, CURLE_TOO_MANY_REDIRECTS,
      CURLE_LOGIN_DENIED, CURLE_AUTH_ERROR}},
    /* Other protocols, which no handle of ours may use. */
    {REQUEST_LOCAL_BUFFERS,
     {CURLE_FTP_ACCEPT_FAILED,
      CURLE_FTP_WEIRD_PASS_REPLY,
      CURLE_FTP_ACCEPT_TIMEOUT,
      CURLE_FTP_WEIRD_PASV_REPLY,
      CURLE_FTP_WEIRD_227_FORMAT,
      CURLE_FTP_CANT_GET_HOST,
      CURLE_FTP_COULDNT_SET_TYPE,
      CURLE_FTP_COULDNT_RETR_FILE,
      CURLE_QUOTE_ERROR,
      CURLE_FTP_PORT_FAILED,
      CURLE_FTP_COULDNT_USE_REST,
      CURLE_FILE_COULDNT_READ_FILE,
      CURLE_LDAP_CANNOT_BIND,
      CURLE_LDAP_SEARCH_FAILED,
      CURLE_TFTP_NOTFOUND,
      CURLE_TFTP_PERM,
      CURLE_REMOTE_DISK_FULL,
      CURLE_TFTP_ILLEGAL,
      CURLE_TFTP_UNKNOWNID,
      CURLE_REMOTE_FILE_EXISTS,
      CURLE_TFTP_NOSUCHUSER,
      CURLE_REMOTE_FILE_NOT_FOUND,
      CURLE_SSH,

      CURLE_FTP_PRET_FAILED,
      CURLE_RTSP_CSEQ_ERROR,
      CURLE_RTSP_SESSION_ERROR,
      CURLE_FTP_BAD_FILE_LIST,
      CURLE_CHUNK_FAILED}},
    /* Numbers that libcurl no longer uses, or keeps for its own tests. */
    {REQUEST_LOCAL_BUFFERS,
     {CURLE_OBSOLETE20,   CURLE_OBSOLETE24,   CURLE_OBSOLETE29,   CURLE_OBSOLETE32,
      CURLE_OBSOLETE40,   CURLE_OBSOLETE44,   CURLE_OBSOLETE46,   CURLE_OBSOLETE50,
      CURLE_OBSOLETE51,   CURLE_OBSOLETE57,   CURLE_OBSOLETE62,   CURLE_OBSOLETE75,
      CURLE_OBSOLETE76,   FIRST_RESERVED,     FIRST_RESERVED + 1, FIRST_RESERVED + 2,
      FIRST_RESERVED + 3, FIRST_RESERVED + 4, FIRST_RESERVED + 5, FIRST_RESERVED + 6,
      FIRST_RESERVED + 7, FIRST_RESERVED + 8, FIRST_RESERVED + 9, FIRST_RESERVED + 10,
      FIRST_RESERVED + 11}},
};

static const struct rule *rule_of(CURLcode result)
{
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++) {
        for (const int *code = rules[i].codes; *code != 0; code++) {
            if (*code == (int)result)
                return &rules[i];
        }
    }
    return NULL;
}

/* Two ceilings of libcurl have no code of their own, and before 8.6 none had. */
static bool is_ceiling(CURLcode result, const char *reported, bool sent)
{
    if (result == CURLE_OUT_OF_MEMORY)
        return sent && curl_version_info(CURLVERSION_NOW)->version_num < 0x080600;
    return result == CURLE_RECV_ERROR && (strstr(reported, "Too large response headers") ||
                                          strstr(reported, "CONNECT response too large"));
}

/* A line of a head or trailer that is no header is called so; our own arguments are those of all
 * other requests. */
static bool is_illegal_header(CURLcode result, const char *reported, bool sent)
{
    return result == CURLE_BAD_FUNCTION_ARGUMENT &&
           (sent || strstr(reported, "Invalid response header"));
}

bool result_is_refused_tunnel(CURLcode result, const char *reported)
{
    return (result == CURLE_RECV_ERROR || result == CURLE_COULDNT_CONNECT) &&
           strstr(reported, "CONNECT tunnel failed");
}

enum request_end result_end(CURLcode result, const char *reported, bool sent, bool responded)
{
    const struct rule *rule = rule_of(result);
    enum request_end end = rule ? rule->end : REQUEST_LOCAL_BUFFERS;

    if (is_ceiling(result, reported, sent))
        return REQUEST_TOO_LARGE;
    if (is_illegal_header(result, reported, sent))
        return REQUEST_BAD_STREAM;
    if (result == CURLE_COULDNT_CONNECT && sent) /* a second connection was refused by us */
        return REQUEST_CONNECTION_RESET;
    if (!sent && result_is_refused_tunnel(result, reported))
        return REQUEST_CONNECTION_REFUSED;
    if (result == CURLE_UNSUPPORTED_PROTOCOL && !sent)
        return REQUEST_LOCAL_BUFFERS;
    if (end == REQUEST_CONNECTION_RESET && responded && result != CURLE_RECV_ERROR)
        return REQUEST_TRUNCATED;
    return end;
}

bool result_is_second_send(CURLcode result, const char *reported)
{
    return result == CURLE_COULDNT_CONNECT || result == CURLE_SEND_FAIL_REWIND ||
           result == CURLE_ABORTED_BY_CALLBACK ||
           (result == CURLE_SEND_ERROR && strncmp(reported, "Connection died", 15) == 0);
}

bool result_is_known(CURLcode result)
{
    return rule_of(result) != NULL;
}

bool result_is_success(int status)
{
    return status == 200 || status == 201 || status == 203;
}
