/* The inflector answers as Laravel's Str::plural and Str::singular do: words that do not change,
 * irregular pairs, then the first suffix rule that fits. Irregular and unchanging words count as a
 * whole only, as they do there. */
#include "laravel/app_text.h"

#include <ctype.h>

/* Words that stay as they are: both ways, only when made singular, only when made plural. */
static const char both_ways[] = " advice aircraft amoyese art audio baggage bison borghese bream "
                                "breeches britches buffalo butter cantus carp "
                                "cattle chassis clippers clothing coal cod compensation congoese "
                                "contretemps coreopsis corps cotton data debris "
                                "deer diabetes djinn education eland elk emoji equipment evidence "
                                "faroese feedback fish flounder flour food "
                                "furniture gallows gold headquarters hijinks homework impatience "
                                "information innings jackanapes jeans jedi kin "
                                "knowledge leather love luggage mackerel maltese management "
                                "metadata mews money moose mumps music news nexus "
                                "nutrition offspring oil patience pincers plankton pliers pokemon "
                                "police polish portuguese proceedings progress "
                                "rabies rain research rhinoceros rice salmon sand scissors series "
                                "shears sheep siemens silk sms soap spam species "
                                "staff sugar swine talent toothpaste traffic travel trousers trout "
                                "tuna us vinegar weather wheat whiting "
                                "wildebeest wood wool ";
static const char singular_only[] =
    " clothes fascia fuchsia galleria mafia militia pants petunia sepia trivia utopia ";
static const char plural_only[] = " people trivia media recommended related ";

static const char *const irregular[][2] = {
    { "abuse", "abuses" },
    { "alga", "algae" },
    { "atlas", "atlases" },
    { "avalanche", "avalanches" },
    { "axis", "axes" },
    { "axe", "axes" },
    { "beef", "beefs" },
    { "blouse", "blouses" },
    { "brother", "brothers" },
    { "brownie", "brownies" },
    { "cache", "caches" },
    { "cafe", "cafes" },
    { "canvas", "canvases" },
    { "cave", "caves" },
    { "chateau", "chateaux" },
    { "child", "children" },
    { "cookie", "cookies" },
    { "corpus", "corpuses" },
    { "cow", "cows" },
    { "criterion", "criteria" },
    { "curriculum", "curricula" },
    { "curve", "curves" },
    { "demo", "demos" },
    { "die", "dice" },
    { "domino", "dominoes" },
    { "echo", "echoes" },
    { "emphasis", "emphases" },
    { "epoch", "epochs" },
    { "foe", "foes" },
    { "foot", "feet" },
    { "fungus", "fungi" },
    { "gas", "gases" },
    { "genie", "genies" },
    { "genus", "genera" },
    { "goose", "geese" },
    { "graffito", "graffiti" },
    { "grave", "graves" },
    { "hoax", "hoaxes" },
    { "hoof", "hoofs" },
    { "human", "humans" },
    { "iris", "irises" },
    { "larva", "larvae" },
    { "leaf", "leaves" },
    { "lens", "lenses" },
    { "loaf", "loaves" },
    { "man", "men" },
    { "medium", "media" },
    { "memorandum", "memoranda" },
    { "mongoose", "mongooses" },
    { "motto", "mottoes" },
    { "move", "moves" },
    { "mythos", "mythoi" },
    { "neurosis", "neuroses" },
    { "niche", "niches" },
    { "nucleus", "nuclei" },
    { "nursery", "nurseries" },
    { "oasis", "oases" },
    { "octopus", "octopuses" },
    { "opus", "opuses" },
    { "ox", "oxen" },
    { "passerby", "passersby" },
    { "person", "people" },
    { "plateau", "plateaux" },
    { "runner-up", "runners-up" },
    { "safe", "safes" },
    { "save", "saves" },
    { "sex", "sexes" },
    { "sieve", "sieves" },
    { "stadium", "stadiums" },
    { "syllabus", "syllabi" },
    { "testis", "testes" },
    { "thief", "thieves" },
    { "tooth", "teeth" },
    { "tornado", "tornadoes" },
    { "trilby", "trilbys" },
    { "turf", "turfs" },
    { "valve", "valves" },
    { "volcano", "volcanoes" },
    { "wave", "waves" },
    { "zombie", "zombies" },
};

/* The first rule that fits is taken: `keep` bytes of the ending stay and `put` follows. `before`
 * are letters that the ending must follow, after '^' ones that it must not. */
struct suffix {
    const char *end;
    uint8_t keep;
    const char *put, *before;
};
static const struct suffix plural_rules[] = {
    { "status", 6, "es", NULL },    { "quiz", 4, "zes", NULL },    { "mouse", 1, "ice", NULL },
    { "louse", 1, "ice", NULL },    { "matrix", 4, "ices", NULL }, { "vertex", 4, "ices", NULL },
    { "index", 3, "ices", NULL },   { "x", 1, "es", NULL },        { "ch", 2, "es", NULL },
    { "ss", 2, "es", NULL },        { "sh", 2, "es", NULL },       { "quy", 2, "ies", NULL },
    { "y", 0, "ies", "^aeiouy" },   { "hive", 4, "s", NULL },      { "gulf", 4, "s", NULL },
    { "fe", 0, "ves", "^f" },       { "f", 0, "ves", "lr" },       { "sis", 1, "es", NULL },
    { "um", 0, "a", "ti" },         { "taxon", 3, "a", NULL },     { "criterion", 7, "a", NULL },
    { "person", 1, "eople", NULL }, { "man", 1, "en", NULL },      { "child", 5, "ren", NULL },
    { "foot", 1, "eet", NULL },     { "buffalo", 7, "es", NULL },  { "hero", 4, "es", NULL },
    { "potato", 6, "es", NULL },    { "tomato", 6, "es", NULL },   { "volcano", 7, "es", NULL },
    { "alumnus", 5, "i", NULL },    { "bacillus", 6, "i", NULL },  { "cactus", 4, "i", NULL },
    { "focus", 3, "i", NULL },      { "fungus", 4, "i", NULL },    { "nucleus", 5, "i", NULL },
    { "radius", 4, "i", NULL },     { "stimulus", 6, "i", NULL },  { "syllabus", 6, "i", NULL },
    { "terminus", 6, "i", NULL },   { "virus", 3, "i", NULL },     { "us", 2, "es", NULL },
    { "alias", 5, "es", NULL },     { "axis", 2, "es", NULL },     { "testis", 4, "es", NULL },
    { "s", 1, "", NULL },           { "", 0, "s", NULL },
};
static const struct suffix singular_rules[] = {
    { "statuses", 6, "", NULL },
    { "status", 6, "", NULL },
    { "campus", 6, "", NULL },
    { "menus", 4, "", NULL },
    { "quizzes", 4, "", NULL },
    { "matrices", 4, "ix", NULL },
    { "vertices", 4, "ex", NULL },
    { "indices", 3, "ex", NULL },
    { "aliases", 5, "", NULL },
    { "alias", 5, "", NULL },
    { "buffaloes", 7, "", NULL },
    { "heroes", 4, "", NULL },
    { "potatoes", 6, "", NULL },
    { "tomatoes", 6, "", NULL },
    { "volcanoes", 7, "", NULL },
    { "alumni", 5, "us", NULL },
    { "bacilli", 6, "us", NULL },
    { "cacti", 4, "us", NULL },
    { "foci", 3, "us", NULL },
    { "fungi", 4, "us", NULL },
    { "nuclei", 5, "us", NULL },
    { "radii", 4, "us", NULL },
    { "stimuli", 6, "us", NULL },
    { "syllabi", 6, "us", NULL },
    { "termini", 6, "us", NULL },
    { "viri", 3, "us", NULL },
    { "axes", 2, "", "ftw" },
    { "analyses", 6, "is", NULL },
    { "axes", 2, "is", NULL },
    { "crises", 4, "is", NULL },
    { "testes", 4, "is", NULL },
    { "theses", 4, "is", NULL },
    { "shoes", 4, "", NULL },
    { "slaves", 5, "", NULL },
    { "oes", 1, "", NULL },
    { "ouses", 4, "", NULL },
    { "uses", 2, "", "^a" },
    { "mice", 1, "ouse", NULL },
    { "lice", 1, "ouse", NULL },
    { "xes", 1, "", NULL },
    { "ches", 2, "", NULL },
    { "sses", 2, "", NULL },
    { "shes", 2, "", NULL },
    { "movies", 5, "", NULL },
    { "series", 6, "", NULL },
    { "quies", 2, "y", NULL },
    { "ies", 0, "y", "^aeiouy" },
    { "ves", 0, "f", "lr" },
    { "tives", 4, "", NULL },
    { "hives", 4, "", NULL },
    { "drives", 5, "", NULL },
    { "dives", 4, "", NULL },
    { "olives", 5, "", NULL },
    { "ves", 0, "fe", "^fo" },
    { "diagnoses", 6, "sis", NULL },
    { "parentheses", 8, "sis", NULL },
    { "prognoses", 6, "sis", NULL },
    { "synopses", 5, "sis", NULL },
    { "taxa", 3, "on", NULL },
    { "criteria", 7, "on", NULL },
    { "regatta", 7, "", NULL },
    { "a", 0, "um", "ti" },
    { "people", 1, "erson", NULL },
    { "men", 1, "an", NULL },
    { "children", 5, "", NULL },
    { "feet", 1, "oot", NULL },
    { "news", 4, "", NULL },
    { "eaus", 3, "", NULL },
    { "s", 0, "", NULL },
};

struct str text_basename(struct str s)
{
    for (uint32_t i = s.n; i > 0; i--) {
        if (s.p[i - 1] == '\\')
            return str_sub(s, i, s.n - i);
    }
    return s;
}

bool text_is_one_of(struct str word, const char *list)
{
    struct str rest = str_c(list), one;
    while (word.n && str_next(&rest, ' ', &one)) {
        if (str_ieq(one, word))
            return true;
    }
    return false;
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

/* The irregular counterpart, with the case of its first letter kept; of two that share a plural the
 * later wins. */
static bool irregular_form(struct str s, int from, struct arena *a, struct str *ret)
{
    for (size_t i = sizeof irregular / sizeof *irregular; i > 0; i--) {
        if (!str_ieq(s, str_c(irregular[i - 1][from])))
            continue;
        *ret = text_concat(a, str_c(irregular[i - 1][!from]), STR(""));
        if (ret->n && isupper((unsigned char)s.p[0]))
            ((char *)ret->p)[0] = (char)toupper((unsigned char)ret->p[0]);
        return true;
    }
    return false;
}

static bool fits(const struct suffix *r, struct str s)
{
    uint32_t n = (uint32_t)strlen(r->end);
    if (!ends_ci(s, r->end))
        return false;
    if (!r->before)
        return true;
    if (s.n == n)
        return false;
    char c = (char)tolower((unsigned char)s.p[s.n - n - 1]);
    return r->before[0] == '^' ? !strchr(r->before + 1, c) : strchr(r->before, c) != NULL;
}

static struct str apply(const struct suffix *rules, size_t n, struct str s, struct arena *a)
{
    for (size_t i = 0; i < n; i++) {
        if (fits(&rules[i], s)) {
            uint32_t cut = (uint32_t)strlen(rules[i].end) - rules[i].keep;
            return text_concat(a, str_sub(s, 0, s.n - cut), str_c(rules[i].put));
        }
    }
    return s;
}

struct str text_plural(struct str s, struct arena *a)
{
    struct str out;
    bool ware = ends_ci(s, "ware") && s.n > 4, media = ends_ci(s, "media") && s.n > 5;
    if (!s.n || ware || media || text_is_one_of(s, both_ways) || text_is_one_of(s, plural_only))
        return s;
    if (irregular_form(s, 0, a, &out))
        return out;
    return apply(plural_rules, sizeof plural_rules / sizeof *plural_rules, s, a);
}

struct str text_singular(struct str s, struct arena *a)
{
    struct str out;
    if (!s.n || ends_ci(s, "ss") || (ends_ci(s, "media") && s.n > 5) ||
        text_is_one_of(s, both_ways) || text_is_one_of(s, singular_only))
        return s;
    if (irregular_form(s, 1, a, &out))
        return out;
    return apply(singular_rules, sizeof singular_rules / sizeof *singular_rules, s, a);
}

struct str text_plural_studly(struct str s, struct arena *a)
{
    uint32_t at = s.n;
    while (at > 0 && !isupper((unsigned char)s.p[at - 1]))
        at--;
    at = at ? at - 1 : 0;
    return text_concat(a, str_sub(s, 0, at), text_plural(str_sub(s, at, s.n), a));
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
