/* The inflector follows the English rules of doctrine/inflector, which Laravel's Str::plural and Str::singular
 * use: a list of uncountable words, irregular pairs, then the first suffix rule that fits. */
#include "laravel/app_text.h"

#include <ctype.h>

static const char *const uncountable[] = {
    "audio",     "bison",       "chassis",    "compensation", "coreopsis", "data",      "debris",
    "deer",      "education",   "emoji",      "equipment",    "evidence",  "feedback",  "firmware",
    "fish",      "furniture",   "gold",       "hardware",     "headquarters", "information", "jedi",
    "kin",       "knowledge",   "love",       "metadata",     "money",     "moose",     "news",
    "nutrition", "offspring",   "pokemon",    "police",       "rain",      "recommended", "related",
    "rice",      "series",      "sheep",      "software",     "species",   "staff",     "swine",
    "traffic",   "wheat",       "people",     "media",
};

static const char *const irregular[][2] = {
    { "person", "people" },     { "man", "men" },           { "woman", "women" },       { "child", "children" },
    { "foot", "feet" },         { "tooth", "teeth" },       { "goose", "geese" },       { "criterion", "criteria" },
    { "axis", "axes" },         { "axe", "axes" },          { "move", "moves" },        { "leaf", "leaves" },
    { "loaf", "loaves" },       { "thief", "thieves" },     { "hoof", "hoofs" },        { "cache", "caches" },
    { "curve", "curves" },      { "save", "saves" },        { "valve", "valves" },      { "wave", "waves" },
    { "safe", "safes" },        { "sieve", "sieves" },      { "cafe", "cafes" },        { "canvas", "canvases" },
    { "atlas", "atlases" },     { "gas", "gases" },         { "lens", "lenses" },       { "nexus", "nexuses" },
    { "corpus", "corpuses" },   { "opus", "opuses" },       { "octopus", "octopuses" }, { "medium", "media" },
    { "curriculum", "curricula" }, { "genus", "genera" },   { "oasis", "oases" },       { "cookie", "cookies" },
    { "movie", "movies" },      { "domino", "dominoes" },   { "echo", "echoes" },       { "tornado", "tornadoes" },
    { "motto", "mottoes" },     { "abuse", "abuses" },      { "niche", "niches" },      { "avalanche", "avalanches" },
    { "quiz", "quizzes" },      { "ox", "oxen" },           { "human", "humans" },      { "chef", "chefs" },
    { "alias", "aliases" },     { "status", "statuses" },   { "bus", "buses" },         { "virus", "viruses" },
    { "hoax", "hoaxes" },       { "emphasis", "emphases" }, { "foe", "foes" },          { "shoe", "shoes" },
    { "chateau", "chateaux" },  { "plateau", "plateaux" },  { "brother", "brothers" },  { "pulse", "pulses" },
    { "drive", "drives" },      { "archive", "archives" },  { "response", "responses" }, { "release", "releases" },
    { "database", "databases" }, { "expense", "expenses" }, { "license", "licenses" },  { "purchase", "purchases" },
    { "lease", "leases" },      { "course", "courses" },    { "house", "houses" },      { "warehouse", "warehouses" },
    { "case", "cases" },        { "base", "bases" },        { "phase", "phases" },      { "phrase", "phrases" },
    { "horse", "horses" },      { "nurse", "nurses" },      { "sense", "senses" },      { "cause", "causes" },
    { "pause", "pauses" },      { "clause", "clauses" },    { "use", "uses" },          { "exercise", "exercises" },
    { "franchise", "franchises" }, { "device", "devices" },
};

/* `keep`: bytes of the suffix that stay. The first rule that fits is taken. */
struct suffix {
    const char *end;
    uint8_t keep;
    const char *put;
};
static const struct suffix plural_rules[] = {
    { "mouse", 1, "ice" }, { "louse", 1, "ice" }, { "matrix", 4, "ices" }, { "vertex", 4, "ices" },
    { "index", 3, "ices" }, { "x", 1, "es" }, { "ch", 2, "es" }, { "ss", 2, "es" }, { "sh", 2, "es" },
    { "quy", 2, "ies" }, { "hive", 4, "s" }, { "gulf", 4, "s" }, { "lfe", 1, "ves" }, { "ife", 1, "ves" },
    { "lf", 1, "ves" }, { "rf", 1, "ves" }, { "sis", 1, "es" }, { "tum", 1, "a" }, { "ium", 1, "a" },
    { "taxon", 3, "a" }, { "buffalo", 7, "es" }, { "hero", 4, "es" }, { "potato", 6, "es" },
    { "tomato", 6, "es" }, { "volcano", 7, "es" }, { "alumnus", 5, "i" }, { "bacillus", 6, "i" },
    { "cactus", 4, "i" }, { "focus", 3, "i" }, { "fungus", 4, "i" }, { "nucleus", 5, "i" },
    { "radius", 4, "i" }, { "stimulus", 6, "i" }, { "syllabus", 6, "i" }, { "terminus", 6, "i" },
    { "us", 2, "es" }, { "s", 1, "" },
};
static const struct suffix singular_rules[] = {
    { "statuses", 6, "" }, { "aliases", 5, "" }, { "quizzes", 4, "" }, { "matrices", 4, "ix" },
    { "vertices", 4, "ex" }, { "indices", 3, "ex" }, { "alumni", 5, "us" }, { "cacti", 4, "us" },
    { "foci", 3, "us" }, { "fungi", 4, "us" }, { "nuclei", 5, "us" }, { "radii", 4, "us" },
    { "stimuli", 6, "us" }, { "syllabi", 6, "us" }, { "termini", 6, "us" }, { "crises", 3, "is" },
    { "axes", 2, "is" }, { "tests", 4, "" }, { "shoes", 4, "" }, { "oes", 1, "" }, { "ouses", 4, "" },
    { "mice", 1, "ouse" }, { "lice", 1, "ouse" }, { "xes", 1, "" }, { "ches", 2, "" }, { "sses", 2, "" },
    { "shes", 2, "" }, { "movies", 5, "" }, { "quies", 2, "y" }, { "lves", 1, "f" }, { "rves", 1, "f" },
    { "tives", 4, "" }, { "hives", 4, "" }, { "analyses", 5, "is" }, { "bases", 3, "e" },
    { "diagnoses", 6, "is" }, { "parentheses", 8, "is" }, { "prognoses", 6, "is" }, { "synopses", 5, "is" },
    { "theses", 3, "is" }, { "ta", 1, "um" }, { "ia", 1, "um" }, { "taxa", 3, "on" }, { "eaus", 3, "" },
    { "buses", 3, "" }, { "ss", 2, "" },
};

struct str text_basename(struct str s)
{
    for (uint32_t i = s.n; i > 0; i--) {
        if (s.p[i - 1] == '\\')
            return str_sub(s, i, s.n - i);
    }
    return s;
}

struct str text_concat(struct arena *a, struct str x, struct str y)
{
    char *p = arena_alloc(a, (size_t)x.n + y.n + 1);
    if (!p)
        return STR("");
    if (x.n)
        memcpy(p, x.p, x.n);
    if (y.n)
        memcpy(p + x.n, y.p, y.n);
    return (struct str){ p, x.n + y.n };
}

struct str text_lower(struct str s, struct arena *a)
{
    char *p = arena_strndup(a, s.p ? s.p : "", s.n);
    if (!p)
        return STR("");
    for (uint32_t i = 0; i < s.n; i++)
        p[i] = (char)tolower((unsigned char)p[i]);
    return (struct str){ p, s.n };
}

uint64_t text_hash_lower(struct str s)
{
    uint64_t h = 1469598103934665603u;
    for (uint32_t i = 0; i < s.n; i++)
        h = (h ^ (uint8_t)tolower((unsigned char)s.p[i])) * 1099511628211u;
    return hash_mix(h, s.n);
}

struct str text_snake(struct str s, char separator, struct arena *a)
{
    char *p = arena_alloc(a, (size_t)s.n * 2 + 1);
    if (!p)
        return STR("");
    uint32_t n = 0;
    for (uint32_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        if (c == ' ')
            continue;
        if (isupper(c) && n)
            p[n++] = separator;
        p[n++] = (char)tolower(c);
    }
    return (struct str){ p, n };
}

struct str text_studly(struct str s, struct arena *a)
{
    char *p = arena_alloc(a, (size_t)s.n + 1);
    if (!p)
        return STR("");
    uint32_t n = 0;
    bool up = true;
    for (uint32_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        if (c == '_' || c == '-' || c == ' ') {
            up = true;
            continue;
        }
        p[n++] = (char)(up ? toupper(c) : c);
        up = false;
    }
    return (struct str){ p, n };
}

static bool ends_ci(struct str s, const char *end)
{
    struct str e = str_c(end);
    return s.n >= e.n && str_ieq(str_sub(s, s.n - e.n, e.n), e);
}

static struct str replace_end(struct str s, uint32_t cut, const char *put, struct arena *a)
{
    return text_concat(a, str_sub(s, 0, s.n - cut), str_c(put));
}

/* Where the last word of a StudlyCase or snake_case name starts. */
static uint32_t last_word(struct str s)
{
    for (uint32_t i = s.n; i > 1; i--) {
        char c = s.p[i - 1];
        if (c == '_' || c == '-' || c == ' ' || c == '.')
            return i;
        if (isupper((unsigned char)c) && islower((unsigned char)s.p[i - 2]))
            return i - 1;
    }
    return 0;
}

static bool is_uncountable(struct str word)
{
    for (size_t i = 0; i < sizeof uncountable / sizeof *uncountable; i++) {
        if (str_ieq(word, str_c(uncountable[i])))
            return true;
    }
    return ends_ci(word, "fish") || ends_ci(word, "deer") || ends_ci(word, "sheep") || ends_ci(word, "measles") ||
           ends_ci(word, "nese");
}

/* The irregular counterpart of the last word, with the case of its first letter kept. */
static bool irregular_form(struct str s, int from, struct arena *a, struct str *ret)
{
    uint32_t at = last_word(s);
    struct str word = str_sub(s, at, s.n - at);
    for (size_t i = 0; i < sizeof irregular / sizeof *irregular; i++) {
        if (!str_ieq(word, str_c(irregular[i][from])))
            continue;
        struct str out = text_concat(a, str_sub(s, 0, at), str_c(irregular[i][!from]));
        if (out.n > at)
            ((char *)out.p)[at] = s.p[at];
        *ret = out;
        return true;
    }
    return false;
}

static bool apply(const struct suffix *rules, size_t n, struct str s, struct arena *a, struct str *ret)
{
    for (size_t i = 0; i < n; i++) {
        if (!ends_ci(s, rules[i].end))
            continue;
        *ret = replace_end(s, (uint32_t)strlen(rules[i].end) - rules[i].keep, rules[i].put, a);
        return true;
    }
    return false;
}

static bool is_vowel(char c)
{
    c = (char)tolower((unsigned char)c);
    return c == 'a' || c == 'e' || c == 'i' || c == 'o' || c == 'u';
}

struct str text_plural(struct str s, struct arena *a)
{
    struct str out;
    uint32_t at = last_word(s);
    if (!s.n || is_uncountable(str_sub(s, at, s.n - at)))
        return s;
    if (irregular_form(s, 0, a, &out))
        return out;
    if (irregular_form(s, 1, a, &out)) /* already plural */
        return s;
    if (s.n > 1 && ends_ci(s, "y") && !is_vowel(s.p[s.n - 2]))
        return replace_end(s, 1, "ies", a);
    if (apply(plural_rules, sizeof plural_rules / sizeof *plural_rules, s, a, &out))
        return out;
    return text_concat(a, s, STR("s"));
}

struct str text_singular(struct str s, struct arena *a)
{
    struct str out;
    uint32_t at = last_word(s);
    if (!s.n || is_uncountable(str_sub(s, at, s.n - at)))
        return s;
    if (irregular_form(s, 1, a, &out))
        return out;
    if (apply(singular_rules, sizeof singular_rules / sizeof *singular_rules, s, a, &out))
        return out;
    if (s.n > 3 && ends_ci(s, "ies") && !is_vowel(s.p[s.n - 4]))
        return replace_end(s, 3, "y", a);
    if (s.n > 3 && ends_ci(s, "ves") && tolower((unsigned char)s.p[s.n - 4]) == 'i')
        return replace_end(s, 1, "", a);
    if (ends_ci(s, "us") || ends_ci(s, "is"))
        return s;
    return ends_ci(s, "s") ? replace_end(s, 1, "", a) : s;
}

struct str text_dirname(struct str path)
{
    for (uint32_t i = path.n; i > 0; i--) {
        if (path.p[i - 1] == '/')
            return str_sub(path, 0, i - 1);
    }
    return STR("");
}

struct str text_path(struct str path, struct arena *a)
{
    char *out = arena_alloc(a, (size_t)path.n + 1);
    if (!out)
        return STR("");
    uint32_t n = 0;
    struct str rest = path, part;
    while (str_next(&rest, '/', &part)) {
        if (!part.n || str_is(part, "."))
            continue;
        if (str_is(part, "..")) {
            n = text_dirname((struct str){ out, n }).n;
            continue;
        }
        if (n)
            out[n++] = '/';
        memcpy(out + n, part.p, part.n);
        n += part.n;
    }
    out[n] = 0;
    return (struct str){ out, n };
}
