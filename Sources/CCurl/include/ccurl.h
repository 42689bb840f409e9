// What Swift cannot import of libcurl: its functions of variable arguments, one shim a kind of argument. No logic.
#ifndef CCURL_H
#define CCURL_H

#include <curl/curl.h>

CURLcode ccurl_set_long(CURL *easy, CURLoption option, long value);
CURLcode ccurl_set_offset(CURL *easy, CURLoption option, curl_off_t value);
CURLcode ccurl_set_string(CURL *easy, CURLoption option, const char *value);
CURLcode ccurl_set_pointer(CURL *easy, CURLoption option, void *value);
CURLcode ccurl_set_list(CURL *easy, CURLoption option, struct curl_slist *value);
/// For CURLOPT_WRITEFUNCTION, CURLOPT_HEADERFUNCTION and CURLOPT_READFUNCTION.
CURLcode ccurl_set_data_function(CURL *easy, CURLoption option, size_t (*function)(char *, size_t, size_t, void *));
CURLcode ccurl_set_opensocket(CURL *easy, curl_socket_t (*function)(void *, curlsocktype, struct curl_sockaddr *));
CURLMcode ccurl_multi_set_long(CURLM *multi, CURLMoption option, long value);
CURLcode ccurl_get_long(CURL *easy, CURLINFO info, long *value);
CURLcode ccurl_get_pointer(CURL *easy, CURLINFO info, void **value);
/// The next transfer that has ended, with its result; NULL where there is none.
CURL *ccurl_multi_ended(CURLM *multi, CURLcode *result);
/// `const struct sockaddr *` of an address that is about to be connected to.
const struct sockaddr *ccurl_address(const struct curl_sockaddr *address);

#endif
