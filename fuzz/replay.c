/* Replays a fuzzer's corpus as an ordinary test: every file of the folder is given to the fuzzer once,
 * whole and cut short at three places. Without a folder it feeds a few made-up inputs. */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int replay_file(const char *path)
{
    FILE *f = fopen(path, "rb");
    if (!f)
        return -1;
    static uint8_t bytes[1 << 22];
    size_t n = fread(bytes, 1, sizeof bytes, f);
    fclose(f);
    const size_t cuts[] = { n, n / 2, n - n / 10, n ? 1 : 0 };
    for (size_t i = 0; i < sizeof cuts / sizeof *cuts; i++) {
        uint8_t *copy = malloc(cuts[i] ? cuts[i] : 1); /* exact size, so ASan sees an overread */
        if (!copy)
            return -1;
        memcpy(copy, bytes, cuts[i]);
        LLVMFuzzerTestOneInput(copy, cuts[i]);
        free(copy);
    }
    return 0;
}

int main(int argc, char **argv)
{
    size_t files = 0;
    DIR *d = argc > 1 ? opendir(argv[1]) : NULL;
    for (struct dirent *e; d && (e = readdir(d));) {
        char path[4096];
        if (e->d_name[0] == '.')
            continue;
        snprintf(path, sizeof path, "%s/%s", argv[1], e->d_name);
        files += replay_file(path) == 0;
    }
    if (d)
        closedir(d);
    uint32_t seed = 1;
    for (size_t round = 0; round < 2000; round++) {
        uint8_t bytes[512];
        size_t n = round % sizeof bytes;
        for (size_t i = 0; i < n; i++) {
            seed = seed * 1664525u + 1013904223u;
            bytes[i] = (uint8_t)(seed >> 24);
        }
        LLVMFuzzerTestOneInput(bytes, n);
    }
    printf("replayed %zu files and 2000 random inputs\n", files);
    return 0;
}
