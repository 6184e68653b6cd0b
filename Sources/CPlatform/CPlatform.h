// The few things about the processor and the system that Swift cannot say.
#ifndef CPLATFORM_H
#define CPLATFORM_H

#if defined(__linux__)
#ifndef _GNU_SOURCE
#define _GNU_SOURCE  // for the processor's affinity
#endif
#include <sched.h>
#include <sys/syscall.h>
#endif
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>
#if defined(__x86_64__)
#include <xmmintrin.h>
#endif

/// Whether this is compiled for registers of sixteen floats, of which there are 32; otherwise a lane is two
/// registers of 16, or four of 32.
#if defined(__AVX512F__)
#define PLATFORM_HAS_WIDE_REGISTERS 1
#else
#define PLATFORM_HAS_WIDE_REGISTERS 0
#endif

/// Makes this thread treat denormal numbers as zero: they slow attention three to seven times.
static inline void platform_flush_denormals(void) {
#if defined(__x86_64__)
  _mm_setcsr(_mm_getcsr() | 0x8040);  // flush-to-zero (bit 15) and denormals-are-zero (bit 6)
#elif defined(__aarch64__)
  unsigned long control;
  __asm__ volatile("mrs %0, fpcr" : "=r"(control));
  __asm__ volatile("msr fpcr, %0" : : "r"(control | (1ul << 24)));
#endif
}

/// The cores that this process may run on: taskset and mpirun give it fewer than there are.
static inline int platform_core_count(void) {
#if defined(__linux__)
  cpu_set_t cores;
  if (sched_getaffinity(0, sizeof cores, &cores) == 0) return CPU_COUNT(&cores);
#endif
  return (int)sysconf(_SC_NPROCESSORS_ONLN);
}

/// 2 when the processor has AVX-512 (F, DQ, BW and VL), 1 for AVX2 with FMA, 0 for less.
static inline int platform_vector_level(void) {
#if defined(__x86_64__)
  __builtin_cpu_init();
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
      __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl"))
    return 2;
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return 1;
#endif
  return 0;
}

/// Lets two paths change their contents, in one step that no crash can halve. -1 with errno where the
/// system or the file system cannot.
static inline int platform_exchange(const char *first, const char *second) {
#if defined(__linux__) && defined(SYS_renameat2)
  return (int)syscall(SYS_renameat2, AT_FDCWD, first, AT_FDCWD, second, 2u);  // RENAME_EXCHANGE
#elif defined(__APPLE__)
  return renamex_np(first, second, RENAME_SWAP);
#else
  return -1;
#endif
}

#endif
