# SSE2 is what the compiler has to be told where it is for 32-bit x86, of which
# not all have it: see kernel.h.  Part of the makefiles that compile kernels.

ifneq ($(filter i386-% i486-% i586-% i686-%,$(shell $(CC) -dumpmachine 2>/dev/null)),)
SSE2 = -msse2 -mfpmath=sse
endif
