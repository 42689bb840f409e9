// What the log needs at the processor's own speed, in debug builds too, and the type of a file system.
#ifndef CAUSEWAY_CDISK_H
#define CAUSEWAY_CDISK_H

#include <stddef.h>
#include <stdint.h>

/// CRC-32C (Castagnoli; RFC 3720 B.4) of `count` bytes, continued from `crc`; begin with 0.
uint32_t cdisk_crc32c(uint32_t crc, const void *bytes, size_t count);

/// The same by table, whatever the processor can do; for tests.
uint32_t cdisk_crc32c_portable(uint32_t crc, const void *bytes, size_t count);

/// How many bytes at the beginning are zero.
size_t cdisk_leading_zeros(const void *bytes, size_t count);

/// f_type of statfs(2), or -1 with errno set.
int64_t cdisk_file_system(const char *path);

#endif
