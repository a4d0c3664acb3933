/* The ABI number of the library, and the best target for this processor. Compiled once, for any processor. */
#include "kernels.h"

#if defined(__x86_64__)
#include <cpuid.h>

/* AVX2 needs a processor with its instructions, and an operating system that saves the wide registers. */
static int has_avx2(void)
{
    unsigned a, b, c, d;
    if (!__get_cpuid(1, &a, &b, &c, &d) || !(c & bit_OSXSAVE) || !(c & bit_AVX))
        return 0;
    unsigned saved, high;
    __asm__("xgetbv" : "=a"(saved), "=d"(high) : "c"(0));
    if ((saved & 6) != 6)
        return 0;
    return __get_cpuid_count(7, 0, &a, &b, &c, &d) && (b & bit_AVX2);
}
#endif

int32_t stylize_abi(void)
{
    return KERNEL_ABI;
}

const char *stylize_target(void)
{
#if defined(__x86_64__)
    if (has_avx2())
        return "avx2";
#endif
    return "baseline";
}
