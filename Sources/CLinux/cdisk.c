#define _GNU_SOURCE
#include "cdisk.h"

#include <string.h>
#include <sys/vfs.h>

#if defined(__x86_64__)
#include <nmmintrin.h>
#elif defined(__aarch64__) && defined(__ARM_FEATURE_CRC32)
#include <arm_acle.h>
#endif

static uint32_t table[8][256];

__attribute__((constructor)) static void fill_table(void) {
  for (uint32_t n = 0; n < 256; n++) {
    uint32_t crc = n;
    for (int bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >> 1) ^ 0x82F63B78u : crc >> 1;
    table[0][n] = crc;
  }
  for (uint32_t n = 0; n < 256; n++)
    for (int row = 1; row < 8; row++) table[row][n] = (table[row - 1][n] >> 8) ^ table[0][table[row - 1][n] & 0xFF];
}

uint32_t cdisk_crc32c_portable(uint32_t crc, const void *bytes, size_t count) {
  const uint8_t *next = bytes;
  crc = ~crc;
  while (count >= 8) {
    crc ^= (uint32_t)next[0] | (uint32_t)next[1] << 8 | (uint32_t)next[2] << 16 | (uint32_t)next[3] << 24;
    crc = table[7][crc & 0xFF] ^ table[6][(crc >> 8) & 0xFF] ^ table[5][(crc >> 16) & 0xFF] ^ table[4][crc >> 24] ^
          table[3][next[4]] ^ table[2][next[5]] ^ table[1][next[6]] ^ table[0][next[7]];
    next += 8;
    count -= 8;
  }
  while (count--) crc = (crc >> 8) ^ table[0][(crc ^ *next++) & 0xFF];
  return ~crc;
}

#if defined(__x86_64__)
__attribute__((target("sse4.2"))) static uint32_t by_instruction(uint32_t crc, const void *bytes, size_t count) {
  const uint8_t *next = bytes;
  uint64_t sum = ~crc;
  for (; count >= 8; next += 8, count -= 8) {
    uint64_t word;
    memcpy(&word, next, 8);
    sum = _mm_crc32_u64(sum, word);
  }
  while (count--) sum = _mm_crc32_u8((uint32_t)sum, *next++);
  return ~(uint32_t)sum;
}

uint32_t cdisk_crc32c(uint32_t crc, const void *bytes, size_t count) {
  if (__builtin_cpu_supports("sse4.2")) return by_instruction(crc, bytes, count);
  return cdisk_crc32c_portable(crc, bytes, count);
}
#elif defined(__aarch64__) && defined(__ARM_FEATURE_CRC32)
uint32_t cdisk_crc32c(uint32_t crc, const void *bytes, size_t count) {
  const uint8_t *next = bytes;
  crc = ~crc;
  for (; count >= 8; next += 8, count -= 8) {
    uint64_t word;
    memcpy(&word, next, 8);
    crc = __crc32cd(crc, word);
  }
  while (count--) crc = __crc32cb(crc, *next++);
  return ~crc;
}
#else
uint32_t cdisk_crc32c(uint32_t crc, const void *bytes, size_t count) {
  return cdisk_crc32c_portable(crc, bytes, count);
}
#endif

size_t cdisk_leading_zeros(const void *bytes, size_t count) {
  static const uint8_t zeros[4096];
  const uint8_t *all = bytes;
  size_t at = 0;
  while (count - at >= sizeof zeros && memcmp(all + at, zeros, sizeof zeros) == 0) at += sizeof zeros;
  while (at < count && all[at] == 0) at++;
  return at;
}

int64_t cdisk_file_system(const char *path) {
  struct statfs answer;
  if (statfs(path, &answer) != 0) return -1;
  return (int64_t)answer.f_type;
}
