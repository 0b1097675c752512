#include "php/syntax.h"

#include <pthread.h>
#include <stdbool.h>
#include <string.h>

const TSLanguage *tree_sitter_php(void);

static const struct word {
    const char *text;
    uint8_t kind;
    bool named;
} words[] = {
#define X(name) { #name, C_##name, true },
    SYNTAX_NAMED(X)
#undef X
#define X(name, text) { text, T_##name, false },
        SYNTAX_TOKENS(X)
#undef X
};

/* Written once under `once`, constant afterwards. */
static struct syntax table;
static bool usable;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void fill_table(void)
{
    const TSLanguage *language = tree_sitter_php();
    uint32_t count = ts_language_symbol_count(language);
    bool found[CST_COUNT] = { false };
    if (count > sizeof table.kind)
        return;
    table.language = language;
    table.nsymbols = (uint16_t)count;
    table.field_name = ts_language_field_id_for_name(language, "name", 4);
    for (TSSymbol s = 0; s < count; s++) {
        TSSymbolType type = ts_language_symbol_type(language, s);
        const char *name = ts_language_symbol_name(language, s);
        if (!name || type == TSSymbolTypeAuxiliary || type == TSSymbolTypeSupertype)
            continue;
        bool named = type == TSSymbolTypeRegular;
        table.named[s] = named;
        for (size_t w = 0; w < sizeof words / sizeof *words; w++)
            if (words[w].named == named && strcmp(words[w].text, name) == 0) {
                table.kind[s] = words[w].kind;
                found[words[w].kind] = true;
            }
    }
    usable = true;
    for (size_t w = 0; w < sizeof words / sizeof *words; w++)
        usable = usable && found[words[w].kind];
}

const struct syntax *syntax_get(void)
{
    pthread_once(&once, fill_table);
    return usable ? &table : NULL;
}
