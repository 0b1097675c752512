/* Names that the interpreter knows, numbered: methods, functions, types and directives in lower case, and classes of
 * the framework by what they are for. flow_world.c maps every symbol of an app to its number once. */
#ifndef FETTLE_LARAVEL_INTERP_NAMES_H
#define FETTLE_LARAVEL_INTERP_NAMES_H

/* clang-format off */
#define FLOW_NAMES(X) \
    X(__) X(__get) X(__invoke) X(__tostring) X(action) X(actions) X(add) X(addcolumns) \
    X(addglobalscope) X(addglobalscopes) X(additional) X(addselect) X(affectingstatement) X(after) \
    X(aggregate) X(all) X(allowedincludes) X(allows) X(allrelatedids) X(always) X(app) X(append) \
    X(appends) X(applyscopes) X(array) X(array_filter) X(array_key_exists) X(array_map) \
    X(array_merge) X(array_merge_recursive) X(array_pop) X(array_push) X(array_reduce) \
    X(array_replace) X(array_reverse) X(array_shift) X(array_slice) X(array_unique) \
    X(array_unshift) X(array_values) X(array_walk) X(as) X(asembeddings) X(asimage) X(asimages) \
    X(asstream) X(asstructured) X(astext) X(attach) X(attributes) X(attributestoarray) X(auth) \
    X(authenticate) X(authorize) X(average) X(avg) X(baresole) X(baseurl) X(bcc) X(before) \
    X(begintransaction) X(belongsto) X(belongstomany) X(bind) X(bindif) X(cache) X(call) \
    X(call_user_func) X(can) X(canany) X(cannot) X(cc) X(chat) X(check) X(chunk) X(chunkbyid) \
    X(chunkbyiddesc) X(chunkmap) X(class) X(clone) X(clonewithout) X(collapse) X(collect) \
    X(collection) X(columns) X(commit) X(compact) X(complete) X(composer) X(computed) X(concat) \
    X(config) X(connection) X(contains) X(containsstrict) X(count) X(countby) X(create) X(created) \
    X(createmany) X(createorfirst) X(createquietly) X(createstreamed) X(creating) X(creator) \
    X(curl_exec) X(curl_init) X(curl_setopt) X(current) X(currentpage) X(cursor) X(cursorpaginate) \
    X(data_get) X(decrement) X(defer) X(delete) X(deleted) X(deletequietly) X(deleting) X(denies) \
    X(detach) X(diff) X(dispatch) X(dispatch_sync) X(dispatchafterresponse) X(dispatchif) \
    X(dispatchnow) X(dispatchsync) X(distinct) X(doesntcontain) X(doesntexist) X(doesnthave) \
    X(driver) X(e) X(each) X(eachbyid) X(eachspread) X(eagerload) X(embed) X(embeddings) X(end) \
    X(event) X(every) X(except) X(exists) X(existsor) X(explain) X(extends) X(factory) \
    X(fastpaginate) X(fetchall) X(fields) X(file_get_contents) X(fill) X(fillform) X(filter) \
    X(filtercolumn) X(find) X(findbyfield) X(findmany) X(findor) X(findorfail) X(findornew) \
    X(findsole) X(findwhere) X(findwherebetween) X(findwherein) X(findwherenotin) X(first) \
    X(firstitem) X(firstmedia) X(firstor) X(firstorcreate) X(firstorfail) X(firstornew) \
    X(firstwhere) X(flatmap) X(flatten) X(flexible) X(forcecreate) X(forcedelete) X(forcefill) \
    X(form) X(forpage) X(fragment) X(fresh) X(from) X(fromquery) X(generate) X(get) \
    X(get_defined_vars) X(getallpermissions) X(getattribute) X(getattributes) X(getbindings) \
    X(getcollection) X(getcountforpagination) X(geteager) X(getfillable) X(getfirstmedia) \
    X(getfirstmediapath) X(getfirstmediaurl) X(getkey) X(getkeyname) X(getmedia) X(getmodel) \
    X(getmodels) X(getquery) X(getrelated) X(getrelation) X(getrelations) X(getrelationvalue) \
    X(getresults) X(getrolenames) X(getroutekey) X(gettable) X(groupby) X(guard) X(has) \
    X(hasallroles) X(hasanyrole) X(hasmany) X(hasmanythrough) X(hasmedia) X(hasmorepages) \
    X(hasone) X(hasonethrough) X(haspages) X(hasrole) X(having) X(havingraw) X(head) X(hget) \
    X(hgetall) X(hydrate) X(implode) X(includes) X(increment) X(incrementorcreate) X(inertia) \
    X(inject) X(inrandomorder) X(insert) X(insertgetid) X(insertorignore) X(instance) X(intersect) \
    X(is) X(is_array) X(is_null) X(is_object) X(is_string) X(isempty) X(isnotempty) X(item) \
    X(items) X(iterator_to_array) X(join) X(joinsub) X(js) X(json) X(json_encode) X(jsonserialize) \
    X(keyby) X(keys) X(lang) X(last) X(lastitem) X(lastmedia) X(lastpage) X(later) X(latest) \
    X(latestofmany) X(layout) X(layoutdata) X(lazy) X(lazybyid) X(lazybyiddesc) X(leftjoin) \
    X(leftjoinsub) X(limit) X(links) X(lists) X(load) X(loadavg) X(loadcount) X(loadexists) \
    X(loadmax) X(loadmissing) X(loadmorph) X(loadsum) X(lockforupdate) X(mailer) X(make) \
    X(makehidden) X(makevisible) X(makewith) X(map) X(mapinto) X(mapspread) X(maptodictionary) \
    X(maptogroups) X(mapwithkeys) X(markdown) X(max) X(median) X(memo) X(merge) X(mergeunless) \
    X(mergewhen) X(min) X(missing) X(modalcontent) X(model) X(modelkeys) X(morphedbymany) \
    X(morphmany) X(morphone) X(morphto) X(morphtomany) X(morphwith) X(nest) X(newinstance) \
    X(newmodelinstance) X(newmodelquery) X(newquery) X(newquerywithoutrelationships) \
    X(newquerywithoutscopes) X(nextpageurl) X(notify) X(notifynow) X(nth) X(numericaggregate) \
    X(object) X(object_get) X(observe) X(offset) X(ofmany) X(oldest) X(oldestofmany) X(on) X(once) \
    X(oneachside) X(only) X(onlytrashed) X(onwriteconnection) X(optional) X(orderby) \
    X(orderbydesc) X(orderbyraw) X(ordercolumn) X(orderedchunkbyid) X(ordoesnthave) X(orhas) \
    X(orwhere) X(orwherebetween) X(orwheredoesnthave) X(orwherehas) X(orwherein) X(orwherenotnull) \
    X(orwherenull) X(orwhereraw) X(orwhererelation) X(paginate) X(parent) X(parseincludes) \
    X(partition) X(patch) X(perpage) X(pipe) X(pipethrough) X(pluck) X(pool) X(pop) X(post) \
    X(prepend) X(present) X(preservekeys) X(previouspageurl) X(prompt) X(pull) X(push) X(put) \
    X(query) X(queue) X(random) X(raw) X(reduce) X(refresh) X(reguard) X(reject) X(relationloaded) \
    X(relations) X(remember) X(rememberforever) X(render) X(renderwhen) X(reorder) X(replicate) \
    X(request) X(rescue) X(reset) X(resolve) X(response) X(restore) X(retry) X(reverse) \
    X(rightjoin) X(rollback) X(route) X(run) X(save) X(saved) X(savemany) X(saveorfail) \
    X(savequietly) X(saving) X(scalar) X(schema) X(scope) X(scoped) X(scopes) X(sear) X(search) \
    X(select) X(selectone) X(selectraw) X(selectsub) X(self) X(send) X(sendmessage) X(sendnow) \
    X(setappends) X(setcollection) X(seteagerloads) X(setrelation) X(share) X(sharedlock) X(shift) \
    X(shoulduse) X(shuffle) X(signedroute) X(simplepaginate) X(singleton) X(singletonif) X(sizeof) \
    X(skip) X(slice) X(sliding) X(sole) X(solevalue) X(some) X(sort) X(sortby) X(sortbydesc) \
    X(split) X(splitin) X(statement) X(static) X(store) X(str_replace) X(stream) X(sum) X(sync) \
    X(syncwithoutdetaching) X(syncwithpivotvalues) X(table) X(tags) X(tagswithtype) X(take) \
    X(takeuntil) X(takewhile) X(tap) X(temporarysignedroute) X(thenreturn) X(through) X(times) \
    X(to) X(to_route) X(toarray) X(tobase) X(toggle) X(tohtml) X(tojson) X(toquery) X(torawsql) \
    X(toresourcecollection) X(toresponse) X(tosql) X(total) X(touch) X(trans) X(trans_choice) \
    X(transaction) X(transform) X(truncate) X(uasort) X(unguard) X(union) X(unionall) X(unique) \
    X(unless) X(unsetrelation) X(update) X(updated) X(updateexistingpivot) X(updateorcreate) \
    X(updateorinsert) X(updatequietly) X(updating) X(upsert) X(url) X(user) X(using) X(usort) \
    X(value) X(valueorfail) X(values) X(view) X(when) X(whenaggregated) X(whenappended) \
    X(whencounted) X(whenempty) X(whenexistsloaded) X(whenhas) X(whenloaded) X(whennotempty) \
    X(whennotnull) X(whenpivotloaded) X(whenpivotloadedas) X(where) X(whereall) X(whereany) \
    X(wherebelongsto) X(wherebetween) X(wherecolumn) X(wheredate) X(whereday) X(wheredoesnthave) \
    X(whereexists) X(wherefulltext) X(wherehas) X(wherehasmorph) X(wherein) X(whereintegerinraw) \
    X(wherejsoncontains) X(wherekey) X(wherekeynot) X(wherelike) X(wheremonth) X(wheremorphedto) \
    X(wherenested) X(wherenot) X(wherenotbetween) X(wherenotexists) X(wherenotin) X(wherenotnull) \
    X(wherenull) X(wherepivot) X(wherepivotin) X(whereraw) X(whererelation) X(wherestrict) \
    X(wheretime) X(whereyear) X(with) X(withaggregate) X(withavg) X(withcount) X(withdefault) \
    X(withexists) X(withmax) X(withmedia) X(withmin) X(withonly) X(without) X(withoutevents) \
    X(withoutglobalscope) X(withoutglobalscopes) X(withoutrelations) X(withouttrashed) X(withpath) \
    X(withpivot) X(withquerystring) X(withresponse) X(withsum) X(withtimestamps) X(withtrashed) \
    X(withwherehas) X(wrap) X(zip)
/* clang-format on */

enum name {
    NM_NONE = 0,
#define X(n) NM_##n,
    FLOW_NAMES(X)
#undef X
    NM_COUNT
};

enum known_class {
    KC_NONE = 0,
    KC_AI, KC_APP, KC_ARR, KC_ATTRIBUTE, KC_AUTH, KC_AUTHENTICATABLE, KC_CACHE, KC_COLLECTION, KC_CONTENT,
    KC_DB, KC_GUZZLE, KC_HTTP, KC_INERTIA, KC_ITEM, KC_MAIL, KC_PAGINATOR, KC_QUERY_BUILDER, KC_QUEUE,
    KC_REDIS, KC_RULE, KC_VIEW,
};
#endif
