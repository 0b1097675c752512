/* What PHP takes and the grammar does not, found in public applications: a trailing comma in a
 * group use, a reserved word as a property inside a string ("$x->class"), as a typed constant
 * (const string DEFAULT), a NUL byte inside a string. Only a file with errors comes here. The
 * parser gets a copy of the same length with those bytes changed; names and literals are read from
 * the original. */
#include "php/lower.h"

#include <ctype.h>
#include <strings.h>

static bool is_word(char c)
{
    return isalnum((unsigned char)c) || c == '_' || c & 0x80;
}

static bool is_reserved(struct str s)
{
    static const char *const words[] = {
        "abstract", "and",        "as",        "break",     "callable", "case",      "catch",
        "class",    "clone",      "const",     "continue",  "declare",  "default",   "do",
        "echo",     "else",       "elseif",    "extends",   "final",    "finally",   "fn",
        "for",      "foreach",    "function",  "global",    "goto",     "if",        "implements",
        "include",  "instanceof", "insteadof", "interface", "match",    "namespace", "new",
        "or",       "print",      "private",   "protected", "public",   "readonly",  "require",
        "return",   "static",     "switch",    "throw",     "trait",    "try",       "use",
        "var",      "while",      "xor",       "yield",
    };
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (str_ieq(s, str_c(words[i])))
            return true;
    return false;
}

static struct str word_at(struct str s, uint32_t i)
{
    uint32_t end = i;
    while (end < s.n && is_word(s.p[end]))
        end++;
    return str_sub(s, i, end - i);
}

static bool hide_word(char *p, struct str s, uint32_t at)
{
    if (!is_reserved(word_at(s, at)))
        return false;
    p[at] = '_';
    return true;
}

static uint32_t blanks(struct str s, uint32_t i)
{
    while (i < s.n && isspace((unsigned char)s.p[i]))
        i++;
    return i;
}

/* At `{` after a backslash: the comma before the closing brace, if names alone lie between. */
static bool hide_comma(char *p, struct str s, uint32_t open)
{
    uint32_t i = open + 1, comma = 0;
    for (; i < s.n && s.p[i] != '}'; i++) {
        if (s.p[i] == '/' && i + 1 < s.n && s.p[i + 1] == '/') {
            const char *line = memchr(s.p + i, '\n', s.n - i);
            i = line ? (uint32_t)(line - s.p) : s.n - 1;
            continue;
        }
        if (s.p[i] == ',')
            comma = i;
        else if (!isspace((unsigned char)s.p[i]))
            comma = 0;
        if (!is_word(s.p[i]) && !isspace((unsigned char)s.p[i]) && !strchr(",\\/*", s.p[i]))
            return false;
    }
    if (i == s.n || !comma)
        return false;
    p[comma] = ' ';
    return true;
}

/* At `const`: a type, then a reserved word, then `=`. */
static bool hide_const(char *p, struct str s, uint32_t at)
{
    uint32_t type = blanks(s, at + 5), name = type;
    while (name < s.n && (is_word(s.p[name]) || strchr("?|\\&", s.p[name])))
        name++;
    if (name == type || name == blanks(s, name))
        return false;
    name = blanks(s, name);
    uint32_t after = blanks(s, name + word_at(s, name).n);
    return after < s.n && s.p[after] == '=' && hide_word(p, s, name);
}

/* Does a parameter begin at i? */
static bool begins_param(struct str s, uint32_t i)
{
    while (i && isspace((unsigned char)s.p[i - 1]))
        i--;
    return i && strchr("(,]", s.p[i - 1]);
}

static bool is_visibility(struct str w)
{
    return str_ieq(w, STR("public")) || str_ieq(w, STR("protected")) || str_ieq(w, STR("private"));
}

/* `readonly T $x` is given a visibility in its place (lower_decl.c reads the word from the
 * original); `readonly private`, `final public` and `public private(set)` lose the word that stands
 * in the way. */
static bool hide_modifier(char *p, struct str s, uint32_t at)
{
    struct str word = word_at(s, at), next = word_at(s, blanks(s, at + word.n));
    bool readonly = str_ieq(word, STR("readonly"));
    if (!begins_param(s, at))
        return false;
    if (readonly && !is_visibility(next)) {
        memcpy(p + at, "public  ", 8);
        return true;
    }
    if (readonly || str_ieq(word, STR("final"))) {
        memset(p + at, ' ', word.n);
        return true;
    }
    uint32_t paren = (uint32_t)(next.p - s.p) + next.n;
    if (is_visibility(word) && is_visibility(next) && s.n - paren > 5 &&
        memcmp(s.p + paren, "(set)", 5) == 0) {
        memset(p + paren - next.n, ' ', next.n + 5);
        return true;
    }
    return false;
}

bool php_repair(struct str src, struct arena *scratch, struct str *ret)
{
    char *p = arena_strndup(scratch, src.p, src.n);
    bool changed = false;
    for (uint32_t i = 0; p && i + 1 < src.n; i++) {
        if (src.p[i] == 0) {
            p[i] = ' ';
            changed = true;
        } else if (src.p[i] == '-' && src.p[i + 1] == '>') {
            changed |= hide_word(p, src, i + 2);
        } else if (src.p[i] == '\\' && src.p[i + 1] == '{') {
            changed |= hide_comma(p, src, i + 1);
        } else if (src.p[i] == 'c' && src.n - i > 6 && memcmp(src.p + i, "const", 5) == 0 &&
                   isspace((unsigned char)src.p[i + 5])) {
            changed |= hide_const(p, src, i);
        } else if (strchr("rfpRFP", src.p[i]) && (!i || !is_word(src.p[i - 1]))) {
            changed |= hide_modifier(p, src, i);
        }
    }
    *ret = (struct str){ p, src.n };
    return p && changed;
}
