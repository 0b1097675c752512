/* Aligning a compiled view with its template by the longest common subsequence of their words; see
 * align.h, blade.h. */
#include "align.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define LINES_MAX 60000u

struct word {
    uint32_t hash;
    uint16_t line, weight;
};

static bool is_word(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '$' || (unsigned char)c >= 0x80;
}

/* Words that the compiler puts in by itself and a template seldom says. */
static bool is_noise(const char *p, size_t n)
{
    static const char *const words[] = { "php",        "echo",      "isset",      "unset",
                                         "attributes", "component", "Illuminate", "instanceof",
                                         "View",       NULL };
    if (n >= 3 && (!memcmp(p, "$__", 3) || !memcmp(p, "__", 2)))
        return true;
    for (const char *const *w = words; *w; w++) {
        if (strlen(*w) == n && !memcmp(*w, p, n))
            return true;
    }
    return false;
}

/* Splits into words of two bytes and more; returns how many, at most `room` (words may be NULL to
 * count). */
static size_t split(const char *p, size_t n, struct word *words, size_t room, uint32_t *ret_lines)
{
    size_t count = 0;
    uint32_t line = 1;
    for (size_t i = 0; i < n;) {
        if (p[i] == '\n')
            line++;
        if (!is_word(p[i])) {
            i++;
            continue;
        }
        size_t j = i;
        uint32_t h = 2166136261u; /* FNV-1a */
        for (; j < n && is_word(p[j]) && (j == i || p[j] != '$'); j++)
            h = (h ^ (unsigned char)p[j]) * 16777619u;
        if (j - i >= 2 && !is_noise(p + i, j - i)) {
            if (words && count < room)
                words[count] =
                    (struct word){ h, (uint16_t)line, j - i >= 6 || p[i] == '$' ? 3 : 2 };
            count++;
        }
        i = j;
    }
    *ret_lines = line;
    return count;
}

/* Which way the best alignment of two prefixes came: two bits a cell. */
enum way { SKIP_A = 0, SKIP_B = 1, BOTH = 2 };

static void set_way(uint8_t *ways, size_t cell, enum way w)
{
    ways[cell >> 2] |= (uint8_t)(w << ((cell & 3) * 2));
}

static enum way get_way(const uint8_t *ways, size_t cell)
{
    return (enum way)((ways[cell >> 2] >> ((cell & 3) * 2)) & 3);
}

static void fill(const struct word *a, size_t na, const struct word *b, size_t nb, uint32_t *row,
                 uint8_t *ways)
{
    for (size_t i = 1; i <= na; i++) {
        uint32_t diagonal = row[0]; /* row[j - 1] of the line above */
        for (size_t j = 1; j <= nb; j++) {
            uint32_t above = row[j], left = row[j - 1], best = above;
            enum way w = SKIP_A;
            if (left > best) {
                best = left;
                w = SKIP_B;
            }
            if (a[i - 1].hash == b[j - 1].hash && diagonal + a[i - 1].weight > best) {
                best = diagonal + a[i - 1].weight;
                w = BOTH;
            }
            set_way(ways, (i - 1) * nb + (j - 1), w);
            diagonal = above;
            row[j] = best;
        }
    }
}

/* match[i]: the line of b that word i of a came from, 0: none */
static void trace_back(const struct word *a, size_t na, const struct word *b, size_t nb,
                       const uint8_t *ways, uint16_t *match)
{
    size_t i = na, j = nb;
    while (i > 0 && j > 0) {
        enum way w = get_way(ways, (i - 1) * nb + (j - 1));
        if (w == BOTH) {
            match[i - 1] = b[j - 1].line;
            i--;
            j--;
        } else if (w == SKIP_A) {
            i--;
        } else {
            j--;
        }
    }
    (void)a;
}

/* A line takes the original line that most of its words came from; one without takes its
 * predecessor's. */
static void take_lines(const struct word *a, size_t na, const uint16_t *match, uint16_t *lines,
                       uint32_t nlines)
{
    uint16_t last = 1;
    size_t i = 0;
    for (uint32_t l = 1; l <= nlines; l++) {
        uint32_t best = 0;
        uint16_t found = 0;
        size_t end = i;
        while (end < na && a[end].line == l)
            end++;
        for (size_t k = i; k < end; k++) {
            uint32_t votes = 0;
            for (size_t m = k; match[k] && m < end; m++)
                votes += match[m] == match[k] ? a[m].weight : 0;
            if (votes > best) {
                best = votes;
                found = match[k];
            }
        }
        if (found)
            last = found;
        lines[l - 1] = last;
        i = end;
    }
}

uint16_t *fettle_align(const char *made, size_t nmade, const char *from, size_t nfrom,
                       size_t cells_max, uint32_t *ret_nlines)
{
    uint32_t nlines, ignored;
    size_t na = split(made, nmade, NULL, 0, &nlines), nb = split(from, nfrom, NULL, 0, &ignored);
    if (nlines > LINES_MAX || ignored > LINES_MAX || (na && nb > cells_max / na))
        return NULL;
    struct word *a = calloc(na + nb + 1, sizeof *a), *b = a ? a + na : NULL;
    uint32_t *row = calloc(nb + 1, sizeof *row);
    uint8_t *ways = calloc(na * nb / 4 + 1, 1);
    uint16_t *match = calloc(na + 1, sizeof *match), *lines = calloc(nlines, sizeof *lines);
    if (a && row && ways && match && lines) {
        split(made, nmade, a, na, &nlines);
        split(from, nfrom, b, nb, &ignored);
        fill(a, na, b, nb, row, ways);
        trace_back(a, na, b, nb, ways, match);
        take_lines(a, na, match, lines, nlines);
        *ret_nlines = nlines;
    } else {
        free(lines);
        lines = NULL;
    }
    free(a);
    free(row);
    free(ways);
    free(match);
    return lines;
}
