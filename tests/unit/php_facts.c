/* Golden files: tests/unit/php/NAME is lowered, NAME.facts is what facts_dump must say.
 * FETTLE_UPDATE=1 writes them anew; read the difference before you keep it. */
#include "php/php.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#define FOLDER FETTLE_SOURCE_DIR "/tests/unit/php/"

static void dump_file(const char *name, struct arena *a, struct buf *out)
{
    struct err err = { 0 };
    struct str bytes;
    struct facts *f;
    char *path = arena_printf(a, FOLDER "%s", name);
    assert_int_equal(file_read(path, LIMIT_FILE_BYTES, a, &bytes, &err), 0);
    assert_int_equal(facts_build(str_c(name), bytes, a, &f, &err), 0);
    facts_dump(f, out);
    facts_free(f);
}

static void check_golden(const char *name)
{
    struct err err = { 0 };
    struct str want = { "", 0 };
    auto_arena *a = arena_new(64 << 20);
    auto_buf out = BUF_INIT(16 << 20);
    dump_file(name, a, &out);
    char *golden = arena_printf(a, FOLDER "%s.facts", name);
    if (getenv("FETTLE_UPDATE"))
        assert_int_equal(file_write_atomic(golden, out.p, out.n, &err), 0);
    assert_int_equal(file_read(golden, 16 << 20, a, &want, &err), 0);
    if (!str_eq(want, (struct str){ out.p, (uint32_t)out.n }))
        print_message("%s differs from its golden file:\n%s", name, buf_cstr(&out));
    assert_true(str_eq(want, (struct str){ out.p, (uint32_t)out.n }));
}

static void test_goldens(void **state)
{
    unsigned files = 0;
    DIR *d = opendir(FOLDER);
    assert_non_null(d);
    for (struct dirent *e; (e = readdir(d));)
        if (str_ends(str_c(e->d_name), ".php") && e->d_name[0] != '.') {
            check_golden(e->d_name);
            files++;
        }
    closedir(d);
    assert_true(files >= 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_goldens),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
