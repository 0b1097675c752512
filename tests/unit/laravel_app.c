/* The App of tests/apps/shop, fact by fact: classes, models, relations, routes, names, listeners,
 * settings. */
#include "laravel/app.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#define SHOP FETTLE_SOURCE_DIR "/tests/apps/shop"

static struct app *shop;

static int open_shop(void **state)
{
    struct err err = { 0 };
    int rc = app_open(SHOP, NULL, &shop, &err);
    if (rc)
        print_message("%s\n", err.what);
    return rc;
}

static int close_shop(void **state)
{
    app_free(shop);
    return 0;
}

static const char *text(sym s)
{
    return syms_cstr(shop->syms, s);
}

static uint32_t cls(const char *name)
{
    uint32_t at = app_class_named(shop, str_c(name));
    if (at == NO_CLASS)
        print_message("no class %s\n", name);
    assert_int_not_equal(at, NO_CLASS);
    return at;
}

static const struct model *model(const char *name)
{
    const struct model *m = class_model(shop, cls(name));
    assert_non_null(m);
    return m;
}

static const struct relation *relation(const char *of, const char *name)
{
    const struct relation *r = model_relation(shop, model(of), syms_find(shop->syms, str_c(name)));
    if (!r)
        print_message("no relation %s.%s\n", of, name);
    assert_non_null(r);
    return r;
}

static void check_relation(const char *of, const char *name, int kind, const char *related,
                           const char *keys)
{
    const struct relation *r = relation(of, name);
    char got[200];
    snprintf(got, sizeof got, "%s %s %s %s", text(r->foreign_key), text(r->local_key),
             text(r->pivot), text(r->morph_type));
    assert_int_equal(r->kind, kind);
    assert_string_equal(text(r->related_name), related);
    assert_string_equal(got, keys);
}

static void test_versions_and_roots(void **state)
{
    assert_string_equal(shop->laravel_version, "12.31.1");
    assert_int_equal(shop->laravel_major, 12);
    assert_string_equal(shop->livewire_version, "4.0.2");
    assert_string_equal(shop->php_requirement, "^8.2");
    assert_int_equal(shop->dialect, DIALECT_MYSQL);
    assert_true(shop->prevents_lazy_loading);
    assert_false(shop->eager_loads_automatically);
    assert_string_equal(text(shop->classes[app_user_model(shop)].name), "App\\Models\\Customer");
}

static void test_classes(void **state)
{
    uint32_t order = cls("App\\Models\\Order");
    assert_int_equal(cls("app\\models\\ORDER"), order);
    assert_int_equal(cls("\\App\\Models\\Order"), order);
    assert_int_equal(app_class_short(shop, STR("order")), order);
    assert_int_equal(app_class_short(shop, STR("Nothing")), NO_CLASS);
    assert_true(class_is_a(shop, order, "Illuminate\\Database\\Eloquent\\Model"));
    assert_true(class_is_a(shop, order, "App\\Models\\Concerns\\HasTags"));
    assert_true(
        class_is_a(shop, cls("App\\Models\\Customer"), "Illuminate\\Database\\Eloquent\\Model"));
    assert_false(class_is_a(shop, order, "Illuminate\\Routing\\Controller"));
    assert_true(shop->classes[cls("App\\Http\\Controllers\\ReportController")].is & IS_CONTROLLER);
    assert_true(shop->classes[cls("App\\Http\\Resources\\OrderResource")].is & IS_RESOURCE);
    assert_true(shop->classes[cls("App\\Livewire\\Orders\\Board")].is & IS_LIVEWIRE);
    assert_true(shop->classes[cls("App\\Jobs\\CloseOrders")].is & IS_JOB);
    assert_true(shop->classes[cls("App\\Listeners\\Bill")].is & IS_LISTENER);
    assert_false(shop->classes[cls("App\\Listeners\\Bill")].is & IS_JOB);
    assert_true(shop->classes[cls("App\\Console\\Commands\\PruneOrders")].is & IS_COMMAND);
    assert_true(shop->classes[cls("App\\Models\\OrderProduct")].is & IS_MODEL);
    assert_true(shop->classes[cls("App\\Models\\ProductList")].is & IS_COLLECTION);
}

static void test_methods_and_props(void **state)
{
    uint32_t order = cls("App\\Models\\Order");
    const struct method *tags = class_method_named(shop, order, "TAGS");
    const struct method *creator = class_method_named(shop, order, "creator");
    assert_string_equal(shop->files[tags->at.file].path, "app/Models/Concerns/HasTags.php");
    assert_string_equal(text(shop->classes[creator->class_].name), "App\\Models\\Model");
    assert_null(class_method_named(shop, order, "nothing"));
    assert_non_null(app_function(shop, syms_find(shop->syms, STR("order_model"))));
    uint32_t controller = cls("App\\Http\\Controllers\\OrderController");
    const struct prop *p = class_prop(shop, controller, syms_find(shop->syms, STR("order")));
    assert_string_equal(text(p->type), "App\\Models\\Order");
    p = class_prop(shop, controller, syms_find(shop->syms, STR("clock")));
    assert_string_equal(text(p->type), "App\\Support\\Clock");
    p = class_prop(shop, controller, syms_find(shop->syms, STR("cached")));
    assert_string_equal(text(p->type), "Illuminate\\Support\\Collection");
    assert_string_equal(text(p->elem_type), "App\\Models\\Order");
    p = class_prop(shop, order, syms_find(shop->syms, STR("draft")));
    assert_string_equal(text(p->elem_type), "App\\Models\\Line");
}

static void test_models(void **state)
{
    const struct model *order = model("App\\Models\\Order"), *line = model("App\\Models\\Line");
    const struct model *product = model("App\\Models\\Product");
    assert_string_equal(text(order->table), "orders");
    assert_string_equal(text(line->table), "order_lines");
    assert_string_equal(text(model("App\\Models\\OrderProduct")->table), "order_product");
    assert_string_equal(text(line->key_name), "line_id");
    assert_true(order->soft_deletes && order->uuid_key && order->has_events && order->timestamps);
    assert_false(line->timestamps || line->soft_deletes || line->has_events);
    assert_true(product->global_scopes && product->custom_collection && product->has_events);
    assert_true(model("App\\Models\\Customer")->searchable);
    assert_int_equal(order->nwith, 1);
    assert_string_equal(text(order->with[0]), "customer");
    assert_int_equal(order->nappends, 2);
    assert_int_equal(order->nfillable, 2);
    assert_string_equal(text(line->touches[0]), "order");
    assert_int_equal(order->ncasts, 3);
    assert_string_equal(text(order->casts[0].type), "App\\Casts\\Money");
    assert_string_equal(text(order->casts[2].attribute), "created_at");
    assert_true(model_has_scope(shop, order, syms_find(shop->syms, STR("open"))));
    assert_true(model_has_scope(shop, order, syms_find(shop->syms, STR("recent"))));
    assert_int_equal(order->nscopes, 2);
}

static void test_accessors(void **state)
{
    const struct model *order = model("App\\Models\\Order");
    const struct accessor *total = model_accessor(shop, order, syms_find(shop->syms, STR("total")));
    const struct accessor *label = model_accessor(shop, order, syms_find(shop->syms, STR("label")));
    assert_true(total->new_style && total->cached);
    assert_false(label->new_style || label->cached);
    assert_null(
        model_accessor(shop, order, syms_find(shop->syms, STR("secret")))); /* writes only */
    assert_int_equal(order->naccessors, 2);
}

static void test_relations(void **state)
{
    const char *order = "App\\Models\\Order";
    check_relation(order, "customer", REL_BELONGS_TO, "App\\Models\\Customer", "customer_id id  ");
    check_relation(order, "lines", REL_HAS_MANY, "App\\Models\\Line", "order_id id  ");
    check_relation(order, "payments", REL_HAS_MANY, "App\\Models\\Payment", "order_id id  ");
    check_relation(order, "openPayments", REL_HAS_MANY, "App\\Models\\Payment", "order_id id  ");
    check_relation(order, "lastPayment", REL_HAS_ONE, "App\\Models\\Payment", "order_id id  ");
    check_relation(order, "products", REL_BELONGS_TO_MANY, "App\\Models\\Product",
                   "order_id product_id order_product ");
    check_relation(order, "sameShop", REL_HAS_MANY, order, "shop_id shop_id  ");
    check_relation(order, "parent", REL_BELONGS_TO, order, "parent_id id  ");
    check_relation(order, "creator", REL_BELONGS_TO, "App\\Models\\Customer", "created_by id  ");
    check_relation(order, "notes", REL_HAS_MANY, "App\\Models\\Note", "   ");
    check_relation(order, "tags", REL_MORPH_TO_MANY, "App\\Models\\Tag",
                   "taggable_id tag_id taggables taggable_type");
    check_relation("App\\Models\\Tag", "orders", REL_MORPHED_BY_MANY, order,
                   "tag_id taggable_id taggables taggable_type");
    check_relation("App\\Models\\Line", "product", REL_BELONGS_TO, "App\\Models\\Product",
                   "sku sku  ");
    check_relation("App\\Models\\Line", "images", REL_MORPH_MANY, "App\\Models\\Image",
                   "imageable_id line_id  imageable_type");
    check_relation("App\\Models\\Image", "imageable", REL_MORPH_TO, "",
                   "imageable_id   imageable_type");
    check_relation("App\\Models\\Customer", "orders", REL_HAS_MANY, order, "customer_id id  ");
    check_relation("App\\Models\\Customer", "lines", REL_HAS_MANY_THROUGH, "App\\Models\\Line",
                   "customer_id order_id orders ");
    check_relation("App\\Models\\Product", "orders", REL_BELONGS_TO_MANY, order,
                   "product_key order_key order_product ");
    assert_null(model_relation(shop, model(order), syms_find(shop->syms, STR("count"))));
}

static void test_relation_flags(void **state)
{
    const char *order = "App\\Models\\Order";
    assert_true(relation(order, "customer")->with_default);
    assert_true(relation(order, "lines")->constrained && relation(order, "lines")->to_many);
    assert_false(relation(order, "payments")->constrained ||
                 relation(order, "payments")->reads_this);
    assert_true(relation(order, "openPayments")->constrained);
    assert_true(relation(order, "sameShop")->reads_this);
    assert_true(relation(order, "products")->has_limit);
    assert_false(relation(order, "lastPayment")->to_many);
}

static const struct route *route(uint32_t methods, const char *uri)
{
    for (uint32_t i = 0; i < shop->nroutes; i++) {
        if (shop->routes[i].methods == methods && !strcmp(shop->routes[i].uri, uri))
            return &shop->routes[i];
    }
    print_message("no route %x %s\n", methods, uri);
    fail();
    return NULL;
}

static void check_route(uint32_t methods, const char *uri, const char *name, const char *controller,
                        const char *action)
{
    const struct route *r = route(methods, uri);
    assert_string_equal(r->name ? r->name : "", name);
    assert_string_equal(r->class_ == NO_CLASS ? "" : text(shop->classes[r->class_].short_name),
                        controller);
    assert_string_equal(text(r->action), action);
}

static void test_routes(void **state)
{
    assert_int_not_equal(route(HTTP_GET, "/")->closure.file, REF_NONE);
    assert_string_equal(route(HTTP_GET, "about")->view, "about");
    assert_string_equal(route(HTTP_GET, "counter")->view, "livewire.counter");
    check_route(HTTP_GET, "report", "report", "ReportController", "__invoke");
    check_route(HTTP_GET, "board", "", "Board", "__invoke");
    check_route(HTTP_GET, "orders/{order}", "orders.show", "OrderController", "show");
    check_route(HTTP_GET, "orders/{order}/lines", "orders.lines.index", "OrderController", "index");
    check_route(HTTP_PUT | HTTP_PATCH, "lines/{line}", "orders.lines.update", "OrderController",
                "update");
    check_route(HTTP_GET, "carts", "carts.index", "OrderController", "index");
    check_route(HTTP_GET | HTTP_POST, "carts/{cart}/pay", "carts.pay", "OrderController", "pay");
    check_route(HTTP_GET, "charts/week", "charts.week", "ReportController", "chart");
    check_route(HTTP_POST, "login", "", "SessionController", "store");
    check_route(HTTP_DELETE, "api/v1/customers/{customer}", "api.customers.destroy",
                "CustomerController", "destroy");
    check_route(HTTP_GET, "api/v1/admin/tags/{tag}", "tags.show", "CustomerController", "show");
    check_route(HTTP_GET, "backoffice/stock/{product}", "stock.show", "OrderController", "stock");
    check_route(HTTP_GET, "backoffice/stock/profile/edit", "stock.profile.edit", "OrderController",
                "edit");
    route(HTTP_GET, "up");
    assert_int_equal(shop->nroutes, 34);
    const struct route *r = route(HTTP_GET, "orders");
    assert_int_equal(r->nmiddleware, 3);
    assert_string_equal(r->middleware[0], "web");
    assert_string_equal(r->middleware[2], "verified");
    assert_string_equal(route(HTTP_GET, "report")->middleware[1], "throttle:api");
}

static void test_views_and_components(void **state)
{
    assert_non_null(app_view(shop, STR("orders.index")));
    assert_ptr_equal(app_view(shop, STR("orders/index")), app_view(shop, STR("orders.index")));
    assert_non_null(app_view(shop, STR("mail::button")));
    assert_non_null(app_component(shop, STR("mail::message"), false));
    assert_null(app_view(shop, STR("orders.none")));
    assert_string_equal(app_view_suffix(shop, STR("board"))->name, "livewire.orders.board");
    assert_null(app_view_suffix(shop, STR("index"))); /* two of them */
    const struct component *c = app_component(shop, STR("alert"), false);
    assert_string_equal(text(shop->classes[c->class_].name), "App\\View\\Components\\Alert");
    assert_string_equal(shop->files[c->file].path, "resources/views/components/alert.blade.php");
    assert_non_null(app_component(shop, STR("forms.text-input"), false));
    c = app_component(shop, STR("card"), false);
    assert_int_equal(c->class_, NO_CLASS);
    assert_string_equal(shop->files[c->file].path,
                        "resources/views/components/card/index.blade.php");
    assert_string_equal(shop->files[app_component(shop, STR("order-box"), false)->file].path,
                        "resources/views/orders/show.blade.php");
    c = app_component(shop, STR("orders.board"), true);
    assert_string_equal(shop->files[c->file].path,
                        "resources/views/livewire/orders/board.blade.php");
    assert_int_not_equal(app_component(shop, STR("counter"), true)->class_, NO_CLASS);
    assert_int_not_equal(app_component(shop, STR("ticker"), true)->class_, NO_CLASS);
    assert_null(app_component(shop, STR("counter"), false));
}

static bool listens(const char *event, const char *listener)
{
    for (uint32_t i = 0; i < shop->nlisteners; i++) {
        if (!strcmp(text(shop->listeners[i].event), event) &&
            shop->listeners[i].listener == cls(listener))
            return true;
    }
    return false;
}

static void test_listeners_and_schedule(void **state)
{
    assert_true(listens("App\\Events\\OrderPaid", "App\\Listeners\\Bill"));
    assert_true(listens("App\\Events\\OrderSent", "App\\Listeners\\Bill"));
    assert_true(listens("App\\Events\\OrderSent", "App\\Listeners\\Journal"));
    assert_true(listens("App\\Events\\OrderPaid", "App\\Listeners\\Stock"));
    assert_true(listens("", "App\\Console\\Commands\\PruneOrders"));
    assert_true(listens("", "App\\Jobs\\CloseOrders"));
    assert_int_equal(shop->nlisteners, 6);
}

static const char *setting(const char *key)
{
    const struct setting *s = app_setting(shop, key);
    return s && s->value ? s->value : "?";
}

static void test_settings(void **state)
{
    assert_string_equal(setting("app.name"), "The Shop");
    assert_string_equal(setting("app.debug"), "true");
    assert_string_equal(setting("app.locale"), "en");
    assert_string_equal(setting("app.key"), "?");
    assert_string_equal(app_setting(shop, "app.key")->env, "APP_KEY");
    assert_int_equal(app_setting(shop, "app.locale")->line, 6);
    assert_string_equal(setting("app.paths.1"), SHOP "/x");
    assert_string_equal(setting("CACHE_PREFIX"), "The Shop_cache");
    assert_string_equal(setting("QUEUE_CONNECTION"), "redis");
    assert_string_equal(setting("opcache.enable"), "1");
    assert_string_equal(setting("opcache.validate_timestamps"), "0");
    assert_string_equal(setting("pm.max_children"), "20");
    assert_int_equal(app_setting(shop, "pm.max_children")->layer, L_FPM);
    assert_string_equal(setting("compose.app.image"), "php:8.3-fpm");
    assert_string_equal(setting("compose.app.env.QUEUE_CONNECTION"), "redis");
    assert_null(app_setting(shop, "nothing.at.all"));
}

static void test_skipped(void **state)
{
    assert_int_equal(shop->nskipped, 2);
    assert_string_equal(shop->skipped[0].path, "resources/views/broken.php");
    assert_int_equal(shop->skipped[0].line, 3);
    assert_int_equal(shop->skipped[0].why, RC_PARSE);
    assert_int_equal(shop->skipped[1].line, 19);
}

static void test_artisan_confirms(void **state)
{
    struct err err = { 0 };
    uint32_t n = shop->nroutes;
    struct str json = STR(
        "[{\"method\":\"GET|HEAD\",\"uri\":\"orders\\/{order}\",\"name\":\"orders.show\","
        "\"action\":\"App\\\\Http\\\\Controllers\\\\OrderController@show\",\"middleware\":[\"web\"]"
        "},"
        "{\"method\":\"POST\",\"uri\":\"livewire\\/update\",\"name\":null,"
        "\"action\":\"App\\\\Livewire\\\\Orders\\\\Board@update\",\"middleware\":[\"web\"]}, 7]");
    assert_int_equal(app_confirm_routes(shop, json, &err), 0);
    assert_true(route(HTTP_GET, "orders/{order}")->confirmed);
    assert_false(route(HTTP_GET, "orders")->confirmed);
    assert_int_equal(shop->nroutes, n + 1);
    assert_string_equal(text(route(HTTP_POST, "livewire/update")->action), "update");
    assert_int_equal(app_confirm_routes(shop, STR("{}"), &err), RC_PARSE);
    assert_int_equal(app_confirm_routes(shop, STR("nonsense"), &err), RC_PARSE);
    assert_int_equal(app_confirm_routes(shop, STR("[{\"uri\":null,\"method\":3}]"), &err), 0);
    assert_int_equal(shop->nroutes, n + 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_versions_and_roots),
        cmocka_unit_test(test_classes),
        cmocka_unit_test(test_methods_and_props),
        cmocka_unit_test(test_models),
        cmocka_unit_test(test_accessors),
        cmocka_unit_test(test_relations),
        cmocka_unit_test(test_relation_flags),
        cmocka_unit_test(test_routes),
        cmocka_unit_test(test_views_and_components),
        cmocka_unit_test(test_listeners_and_schedule),
        cmocka_unit_test(test_settings),
        cmocka_unit_test(test_skipped),
        cmocka_unit_test(test_artisan_confirms),
    };
    return cmocka_run_group_tests(tests, open_shop, close_shop);
}
