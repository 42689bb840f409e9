#pragma once

// The plain digest functions (SHA256_Update and its like) are marked deprecated since 3.0 and still what every provider
// calls; their state is a struct without a pointer, which makes a keyed HMAC state something to copy, not to allocate.
#define OPENSSL_SUPPRESS_DEPRECATED

// OpenSSL 3.0. What is a macro there cannot be called from Swift; each inline function below is one such macro.

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

static inline EVP_PKEY *causeway_generate_rsa(size_t bits) {
  return EVP_PKEY_Q_keygen(NULL, NULL, "RSA", bits);
}

static inline EVP_PKEY *causeway_generate_ec(const char *curve) {
  return EVP_PKEY_Q_keygen(NULL, NULL, "EC", curve);
}

static inline EVP_PKEY *causeway_generate_ed25519(void) {
  return EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
}

static inline long causeway_bio_contents(BIO *bio, char **contents) {
  return BIO_get_mem_data(bio, contents);
}

static inline void causeway_free(void *memory) {
  OPENSSL_free(memory);
}

// RFC 4514; what is not ASCII stays UTF-8.
static const unsigned long causeway_name_flags = XN_FLAG_RFC2253 & ~ASN1_STRFLGS_ESC_MSB;

// No compression, no renegotiation. Of the suites that both have, the first of ours is taken, unless the client puts
// ChaCha20 first: it has no AES in hardware. The end of a connection without close_notify is an end: HTTP's own framing
// tells a message that was cut.
static const uint64_t causeway_tls_options = SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION |
    SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_PRIORITIZE_CHACHA | SSL_OP_IGNORE_UNEXPECTED_EOF;

static const uint64_t causeway_tls_no_tickets = SSL_OP_NO_TICKET;

static inline void causeway_tls_servername_callback(SSL_CTX *context, int (*callback)(SSL *, int *, void *)) {
  SSL_CTX_set_tlsext_servername_callback(context, callback);
}

// HMAC-SHA-256 with this key. The parameters hold pointers to C strings, which Swift would not keep alive.
static inline int causeway_hmac_sha256(EVP_MAC_CTX *context, unsigned char *key, size_t count) {
  OSSL_PARAM parameters[] = {
      OSSL_PARAM_construct_octet_string(OSSL_MAC_PARAM_KEY, key, count),
      OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, "SHA256", 0),
      OSSL_PARAM_construct_end(),
  };
  return EVP_MAC_CTX_set_params(context, parameters);
}
