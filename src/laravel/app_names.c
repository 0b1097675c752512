/* What is known of classes that lie in vendor without reading them: tables of names, no code. */
#include "laravel/app_build.h"

#define M "Illuminate\\Database\\Eloquent\\"

static const struct {
    const char *name;
    uint32_t is;
} known_is[] = {
    { M "Model", IS_MODEL },
    { "Illuminate\\Http\\Resources\\Json\\JsonResource", IS_RESOURCE },
    { "Illuminate\\Http\\Resources\\Json\\Resource", IS_RESOURCE },
    { "Illuminate\\Http\\Resources\\Json\\ResourceCollection",
      IS_RESOURCE | IS_RESOURCE_COLLECTION },
    { "Illuminate\\Http\\Resources\\JsonApi\\JsonApiResource", IS_RESOURCE },
    { "Illuminate\\Routing\\Controller", IS_CONTROLLER },
    { "Laravel\\Lumen\\Routing\\Controller", IS_CONTROLLER },
    { "Livewire\\Component", IS_LIVEWIRE },
    { "Livewire\\Volt\\Component", IS_LIVEWIRE },
    { "Livewire\\Form", 0 },
    { "Illuminate\\Console\\Command", IS_COMMAND },
    { "Illuminate\\Foundation\\Http\\FormRequest", IS_REQUEST },
    { "Illuminate\\Database\\Migrations\\Migration", IS_MIGRATION },
    { "Illuminate\\Database\\Seeder", IS_SEEDER },
    { M "Factories\\Factory", IS_FACTORY },
    { "Illuminate\\Mail\\Mailable", IS_MAIL },
    { "Illuminate\\Notifications\\Notification", IS_NOTIFICATION },
    { "Illuminate\\View\\Component", IS_COMPONENT },
    { "Illuminate\\Support\\ServiceProvider", IS_PROVIDER },
    { "Illuminate\\Support\\Collection", IS_COLLECTION },
    { "Illuminate\\Support\\LazyCollection", IS_COLLECTION },
    { M "Builder", IS_BUILDER },
    { "Illuminate\\Database\\Query\\Builder", IS_BUILDER },
    { M "Relations\\Relation", IS_RELATION_CLASS },
    { "Illuminate\\Contracts\\Queue\\ShouldQueue", IS_QUEUED },
    { "Illuminate\\Contracts\\Queue\\ShouldQueueAfterCommit", IS_QUEUED },
    { "Illuminate\\Foundation\\Bus\\Dispatchable", IS_JOB },
    { "Illuminate\\Contracts\\Broadcasting\\ShouldBroadcast", IS_BROADCAST },
    { "Illuminate\\Contracts\\Broadcasting\\ShouldBroadcastNow", IS_BROADCAST },
    { "Illuminate\\Contracts\\Database\\Eloquent\\CastsAttributes", IS_CAST },
    { "Illuminate\\Contracts\\Database\\Eloquent\\Castable", IS_CAST },
    { "PHPUnit\\Framework\\TestCase", IS_TEST },
    { "Filament\\Resources\\Resource", IS_FILAMENT },
    { "Filament\\Pages\\Page", IS_FILAMENT | IS_LIVEWIRE },
    { "Filament\\Pages\\BasePage", IS_FILAMENT | IS_LIVEWIRE },
    { "Filament\\Pages\\SimplePage", IS_FILAMENT | IS_LIVEWIRE },
    { "Filament\\Widgets\\Widget", IS_FILAMENT | IS_LIVEWIRE },
    { "Filament\\Resources\\RelationManagers\\RelationManager", IS_FILAMENT | IS_LIVEWIRE },
    { "Filament\\Resources\\Pages\\Page", IS_FILAMENT | IS_LIVEWIRE },
    { "Filament\\Actions\\Action", IS_FILAMENT },
    { "Filament\\Tables\\Columns\\Column", IS_FILAMENT },
    { "Filament\\Actions\\Exports\\Exporter", IS_FILAMENT },
    { "Rappasoft\\LaravelLivewireTables\\DataTableComponent", IS_LIVEWIRE },
    { "PowerComponents\\LivewirePowerGrid\\PowerGridComponent", IS_LIVEWIRE },
    { "LivewireUI\\Modal\\ModalComponent", IS_LIVEWIRE },
    { "WireElements\\Pro\\Components\\Modal\\Modal", IS_LIVEWIRE },
    { "Mediconesystems\\LivewireDatatables\\Http\\Livewire\\LivewireDatatable", IS_LIVEWIRE },
};

/* child -> parent or interface, as the packages declare them */
static const char *const known_parents[][2] = {
    { "Illuminate\\Foundation\\Auth\\User", M "Model" },
    { M "Relations\\Pivot", M "Model" },
    { M "Relations\\MorphPivot", M "Relations\\Pivot" },
    { "Illuminate\\Notifications\\DatabaseNotification", M "Model" },
    { "Laravel\\Sanctum\\PersonalAccessToken", M "Model" },
    { "Laravel\\Cashier\\Subscription", M "Model" },
    { "Laravel\\Cashier\\SubscriptionItem", M "Model" },
    { "Laravel\\Jetstream\\Team", M "Model" },
    { "Laravel\\Jetstream\\Membership", M "Relations\\Pivot" },
    { "Laravel\\Jetstream\\TeamInvitation", M "Model" },
    { "Laravel\\Passport\\Client", M "Model" },
    { "Laravel\\Passport\\Token", M "Model" },
    { "Laravel\\Passport\\AuthCode", M "Model" },
    { "Laravel\\Passport\\RefreshToken", M "Model" },
    { "Spatie\\Permission\\Models\\Role", M "Model" },
    { "Spatie\\Permission\\Models\\Permission", M "Model" },
    { "Spatie\\MediaLibrary\\MediaCollections\\Models\\Media", M "Model" },
    { "Spatie\\Tags\\Tag", M "Model" },
    { "Spatie\\Activitylog\\Models\\Activity", M "Model" },
    { "Spatie\\ModelStates\\State", "" },
    { "Spatie\\Comments\\Models\\Comment", M "Model" },
    { "Spatie\\WebhookClient\\Models\\WebhookCall", M "Model" },
    { "Jenssegers\\Mongodb\\Eloquent\\Model", M "Model" },
    { "MongoDB\\Laravel\\Eloquent\\Model", M "Model" },
    { "Kalnoy\\Nestedset\\NodeTrait", "" },
    { "Cartalyst\\Sentinel\\Users\\EloquentUser", M "Model" },
    { "Astrotomic\\Translatable\\Translatable", "" },
    { "Dimsav\\Translatable\\Translatable", "" },
    { "Franzose\\ClosureTable\\Models\\Entity", M "Model" },
    { "Stancl\\Tenancy\\Database\\Models\\Tenant", M "Model" },
    { "Stancl\\Tenancy\\Database\\Models\\Domain", M "Model" },
    { "OwenIt\\Auditing\\Models\\Audit", M "Model" },
    { "Venturecraft\\Revisionable\\Revision", M "Model" },
    { "Illuminate\\Foundation\\Testing\\TestCase", "PHPUnit\\Framework\\TestCase" },
    { "Orchestra\\Testbench\\TestCase", "PHPUnit\\Framework\\TestCase" },
    { "Laravel\\Dusk\\TestCase", "PHPUnit\\Framework\\TestCase" },
    { "Illuminate\\Foundation\\Support\\Providers\\RouteServiceProvider",
      "Illuminate\\Support\\ServiceProvider" },
    { "Illuminate\\Foundation\\Support\\Providers\\EventServiceProvider",
      "Illuminate\\Support\\ServiceProvider" },
    { "Illuminate\\Foundation\\Support\\Providers\\AuthServiceProvider",
      "Illuminate\\Support\\ServiceProvider" },
    { "Spatie\\LaravelPackageTools\\PackageServiceProvider",
      "Illuminate\\Support\\ServiceProvider" },
    { "Laravel\\Nova\\NovaApplicationServiceProvider", "Illuminate\\Support\\ServiceProvider" },
    { "Laravel\\Horizon\\HorizonApplicationServiceProvider",
      "Illuminate\\Support\\ServiceProvider" },
    { "Laravel\\Telescope\\TelescopeApplicationServiceProvider",
      "Illuminate\\Support\\ServiceProvider" },
    { "Filament\\PanelProvider", "Illuminate\\Support\\ServiceProvider" },
    { "Konekt\\Concord\\BaseModuleServiceProvider", "Illuminate\\Support\\ServiceProvider" },
    { M "Collection", "Illuminate\\Support\\Collection" },
    { "Illuminate\\Notifications\\DatabaseNotificationCollection", M "Collection" },
    { "Kalnoy\\Nestedset\\Collection", M "Collection" },
    { "Kalnoy\\Nestedset\\QueryBuilder", M "Builder" },
    { "Filament\\Resources\\Pages\\CreateRecord", "Filament\\Resources\\Pages\\Page" },
    { "Filament\\Resources\\Pages\\EditRecord", "Filament\\Resources\\Pages\\Page" },
    { "Filament\\Resources\\Pages\\ListRecords", "Filament\\Resources\\Pages\\Page" },
    { "Filament\\Resources\\Pages\\ManageRecords", "Filament\\Resources\\Pages\\ListRecords" },
    { "Filament\\Resources\\Pages\\ManageRelatedRecords", "Filament\\Resources\\Pages\\Page" },
    { "Filament\\Resources\\Pages\\ViewRecord", "Filament\\Resources\\Pages\\Page" },
    { "Filament\\Pages\\Dashboard", "Filament\\Pages\\Page" },
    { "Filament\\Pages\\SettingsPage", "Filament\\Pages\\Page" },
    { "Filament\\Pages\\Auth\\Login", "Filament\\Pages\\SimplePage" },
    { "Filament\\Pages\\Auth\\Register", "Filament\\Pages\\SimplePage" },
    { "Filament\\Pages\\Auth\\EditProfile", "Filament\\Pages\\SimplePage" },
    { "Filament\\Widgets\\StatsOverviewWidget", "Filament\\Widgets\\Widget" },
    { "Filament\\Widgets\\ChartWidget", "Filament\\Widgets\\Widget" },
    { "Filament\\Widgets\\TableWidget", "Filament\\Widgets\\Widget" },
    { "Filament\\Widgets\\LineChartWidget", "Filament\\Widgets\\ChartWidget" },
    { "Filament\\Widgets\\BarChartWidget", "Filament\\Widgets\\ChartWidget" },
    { M "Relations\\HasMany", M "Relations\\HasOneOrMany" },
    { M "Relations\\HasOne", M "Relations\\HasOneOrMany" },
    { M "Relations\\HasOneOrMany", M "Relations\\Relation" },
    { M "Relations\\MorphOneOrMany", M "Relations\\HasOneOrMany" },
    { M "Relations\\MorphOne", M "Relations\\MorphOneOrMany" },
    { M "Relations\\MorphMany", M "Relations\\MorphOneOrMany" },
    { M "Relations\\BelongsTo", M "Relations\\Relation" },
    { M "Relations\\MorphTo", M "Relations\\BelongsTo" },
    { M "Relations\\BelongsToMany", M "Relations\\Relation" },
    { M "Relations\\MorphToMany", M "Relations\\BelongsToMany" },
    { M "Relations\\HasManyThrough", M "Relations\\Relation" },
    { M "Relations\\HasOneThrough", M "Relations\\HasManyThrough" },
    { "Illuminate\\Foundation\\Queue\\Queueable", "Illuminate\\Foundation\\Bus\\Dispatchable" },
    { "Illuminate\\Http\\Resources\\Json\\ResourceCollection",
      "Illuminate\\Http\\Resources\\Json\\JsonResource" },
    { "Illuminate\\Support\\Facades\\Auth", "" },
};

static const struct {
    const char *name;
    int kind;
} relation_methods[] = {
    { "hasone", REL_HAS_ONE },
    { "hasmany", REL_HAS_MANY },
    { "belongsto", REL_BELONGS_TO },
    { "belongstomany", REL_BELONGS_TO_MANY },
    { "hasonethrough", REL_HAS_ONE_THROUGH },
    { "hasmanythrough", REL_HAS_MANY_THROUGH },
    { "morphone", REL_MORPH_ONE },
    { "morphmany", REL_MORPH_MANY },
    { "morphto", REL_MORPH_TO },
    { "morphtomany", REL_MORPH_TO_MANY },
    { "morphedbymany", REL_MORPHED_BY_MANY },
    { "hasmanydeep", REL_HAS_MANY_THROUGH },
    { "hasonedeep", REL_HAS_ONE_THROUGH },
    { "hasmanydeepfromrelations", REL_UNKNOWN },
    { "belongstothrough", REL_HAS_ONE_THROUGH },
    { "hasmanymerged", REL_HAS_MANY },
    { "hasmanyjson", REL_HAS_MANY },
    { "belongstojson", REL_BELONGS_TO_MANY },
    { "embedsmany", REL_UNKNOWN },
    { "embedsone", REL_UNKNOWN },
    { "hasmanyofdescendants", REL_HAS_MANY },
    { "hasmanythroughdeep", REL_HAS_MANY_THROUGH },
};

int names_relation_kind(struct str method)
{
    for (size_t i = 0; i < sizeof relation_methods / sizeof *relation_methods; i++) {
        if (str_ieq(method, str_c(relation_methods[i].name)))
            return relation_methods[i].kind;
    }
    return REL_NONE;
}

int names_relation_class(struct str name)
{
    struct str base = text_basename(name);
    if (str_is(base, "Relation") || str_is(base, "HasOneOrMany") || str_is(base, "MorphOneOrMany"))
        return REL_UNKNOWN;
    int kind = names_relation_kind(base);
    return kind;
}

static const struct name_relation trait_relations[] = {
    { "Illuminate\\Notifications\\HasDatabaseNotifications", "notifications",
      "Illuminate\\Notifications\\DatabaseNotification", NULL, "notifiable", REL_MORPH_MANY },
    { "Illuminate\\Notifications\\HasDatabaseNotifications", "readNotifications",
      "Illuminate\\Notifications\\DatabaseNotification", NULL, "notifiable", REL_MORPH_MANY },
    { "Illuminate\\Notifications\\HasDatabaseNotifications", "unreadNotifications",
      "Illuminate\\Notifications\\DatabaseNotification", NULL, "notifiable", REL_MORPH_MANY },
    { "Laravel\\Sanctum\\HasApiTokens", "tokens", "Laravel\\Sanctum\\PersonalAccessToken", NULL,
      "tokenable", REL_MORPH_MANY },
    { "Laravel\\Passport\\HasApiTokens", "tokens", "Laravel\\Passport\\Token", NULL, NULL,
      REL_HAS_MANY },
    { "Spatie\\Permission\\Traits\\HasRoles", "roles", "Spatie\\Permission\\Models\\Role",
      "model_has_roles", "model", REL_MORPH_TO_MANY },
    { "Spatie\\Permission\\Traits\\HasRoles", "permissions",
      "Spatie\\Permission\\Models\\Permission", "model_has_permissions", "model",
      REL_MORPH_TO_MANY },
    { "Spatie\\Permission\\Traits\\HasPermissions", "permissions",
      "Spatie\\Permission\\Models\\Permission", "model_has_permissions", "model",
      REL_MORPH_TO_MANY },
    { "Spatie\\MediaLibrary\\InteractsWithMedia", "media",
      "Spatie\\MediaLibrary\\MediaCollections\\Models\\Media", NULL, "model", REL_MORPH_MANY },
    { "Spatie\\MediaLibrary\\HasMedia\\HasMediaTrait", "media",
      "Spatie\\MediaLibrary\\Models\\Media", NULL, "model", REL_MORPH_MANY },
    { "Spatie\\Tags\\HasTags", "tags", "Spatie\\Tags\\Tag", "taggables", "taggable",
      REL_MORPH_TO_MANY },
    { "Spatie\\Activitylog\\Traits\\LogsActivity", "activities",
      "Spatie\\Activitylog\\Models\\Activity", NULL, "subject", REL_MORPH_MANY },
    { "Spatie\\Activitylog\\Traits\\CausesActivity", "actions",
      "Spatie\\Activitylog\\Models\\Activity", NULL, "causer", REL_MORPH_MANY },
    { "OwenIt\\Auditing\\Auditable", "audits", "OwenIt\\Auditing\\Models\\Audit", NULL, "auditable",
      REL_MORPH_MANY },
    { "Laravel\\Cashier\\Billable", "subscriptions", "Laravel\\Cashier\\Subscription", NULL, NULL,
      REL_HAS_MANY },
};

const struct name_relation *names_trait_relations(struct str trait, unsigned *ret_n)
{
    if (str_is(trait, "Illuminate\\Notifications\\Notifiable"))
        trait = STR("Illuminate\\Notifications\\HasDatabaseNotifications");
    unsigned n = 0, first = 0;
    for (unsigned i = 0; i < sizeof trait_relations / sizeof *trait_relations; i++) {
        if (!str_is(trait, trait_relations[i].trait))
            continue;
        if (!n++)
            first = i;
    }
    *ret_n = n;
    return n ? &trait_relations[first] : NULL;
}

const char *names_config(const char *key)
{
    static const char *const defaults[][2] = {
        { "activitylog.table_name", "activity_log" },
        { "activitylog.activity_model", "Spatie\\Activitylog\\Models\\Activity" },
        { "auth.providers.users.model", "App\\Models\\User" },
        { "media-library.media_model", "Spatie\\MediaLibrary\\MediaCollections\\Models\\Media" },
        { "permission.models.role", "Spatie\\Permission\\Models\\Role" },
        { "permission.models.permission", "Spatie\\Permission\\Models\\Permission" },
        { "permission.table_names.roles", "roles" },
        { "permission.table_names.permissions", "permissions" },
        { "permission.table_names.model_has_roles", "model_has_roles" },
        { "permission.table_names.model_has_permissions", "model_has_permissions" },
        { "permission.table_names.role_has_permissions", "role_has_permissions" },
        { "permission.column_names.model_morph_key", "model_id" },
        { "permission.column_names.role_pivot_key", "role_id" },
        { "permission.column_names.permission_pivot_key", "permission_id" },
        { "permission.column_names.team_foreign_key", "team_id" },
        { "queue.connections.database.table", "jobs" },
        { "session.table", "sessions" },
        { "settings.repositories.database.table", "settings" },
        { "tags.taggable.table_name", "taggables" },
    };
    for (size_t i = 0; i < sizeof defaults / sizeof *defaults; i++) {
        if (!strcmp(defaults[i][0], key))
            return defaults[i][1];
    }
    return NULL;
}

const char *names_static_class(struct str cls, struct str method)
{
    static const char *const known[][3] = {
        { "Jetstream", "userModel", "App\\Models\\User" },
        { "Jetstream", "teamModel", "App\\Models\\Team" },
        { "Jetstream", "membershipModel", "App\\Models\\Membership" },
        { "Jetstream", "teamInvitationModel", "App\\Models\\TeamInvitation" },
        { "Passport", "clientModel", "Laravel\\Passport\\Client" },
        { "Passport", "tokenModel", "Laravel\\Passport\\Token" },
        { "Passport", "refreshTokenModel", "Laravel\\Passport\\RefreshToken" },
        { "Passport", "authCodeModel", "Laravel\\Passport\\AuthCode" },
        { "Sanctum", "personalAccessTokenModel", "Laravel\\Sanctum\\PersonalAccessToken" },
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        if (str_is(cls, known[i][0]) && str_is(method, known[i][1]))
            return known[i][2];
    }
    return NULL;
}

const char *names_table(struct str name)
{
    static const char *const tables[][2] = {
        { "Illuminate\\Notifications\\DatabaseNotification", "notifications" },
        { "Laravel\\Sanctum\\PersonalAccessToken", "personal_access_tokens" },
        { "Spatie\\Permission\\Models\\Role", "roles" },
        { "Spatie\\Permission\\Models\\Permission", "permissions" },
        { "Spatie\\MediaLibrary\\MediaCollections\\Models\\Media", "media" },
        { "Spatie\\Tags\\Tag", "tags" },
        { "Spatie\\Activitylog\\Models\\Activity", "activity_log" },
        { "Laravel\\Passport\\Client", "oauth_clients" },
        { "Laravel\\Passport\\Token", "oauth_access_tokens" },
        { "OwenIt\\Auditing\\Models\\Audit", "audits" },
    };
    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++) {
        if (str_ieq(name, str_c(tables[i][0])))
            return tables[i][1];
    }
    return NULL;
}

uint32_t names_class_is(struct str name)
{
    for (size_t i = 0; i < sizeof known_is / sizeof *known_is; i++) {
        if (str_ieq(name, str_c(known_is[i].name)))
            return known_is[i].is;
    }
    return 0;
}

const char *names_parent(struct str name)
{
    for (size_t i = 0; i < sizeof known_parents / sizeof *known_parents; i++) {
        if (str_ieq(name, str_c(known_parents[i][0])))
            return known_parents[i][1][0] ? known_parents[i][1] : NULL;
    }
    return NULL;
}

bool names_implements(struct str name, const char *ancestor)
{
    struct str at = name;
    for (unsigned depth = 0; at.n && depth < 16; depth++) {
        if (str_ieq(at, str_c(ancestor)))
            return true;
        const char *up = names_parent(at);
        at = up ? str_c(up) : STR("");
    }
    return false;
}
