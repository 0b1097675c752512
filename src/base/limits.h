/* Every ceiling in one place, each with its reason. */
#ifndef FETTLE_BASE_LIMITS_H
#define FETTLE_BASE_LIMITS_H

#define LIMIT_SYMS_BYTES ((size_t)256 << 20) /* interned names of the largest known monorepo: 9 MB */
#define LIMIT_FILE_BYTES ((size_t)4 << 20)   /* a longer PHP file is generated data */
#define LIMIT_FILES 200000                   /* beyond this it is not one application */
#define LIMIT_DEPTH 512                      /* nesting in a source file; deeper would overflow a stack */
#define LIMIT_LITERAL_BYTES (64 << 10)       /* a longer literal is data, not a name */
#define LIMIT_FINDINGS 20000
#define LIMIT_RELATED 64
#define LIMIT_EVIDENCE 32
#define LIMIT_SPANS 65535                    /* a span's parent is 16 bits */
#define LIMIT_SHAPES 50000
#define LIMIT_EXEMPLARS 200
#define LIMIT_OUTPUT_BYTES ((size_t)64 << 20) /* output of one child process */
#endif
