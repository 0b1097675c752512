dnl For phpize, PIE and PECL; the project itself builds with CMakeLists.txt.
PHP_ARG_ENABLE([fettle],
  [whether to enable fettle],
  [AS_HELP_STRING([--enable-fettle], [Enable the fettle performance tracer])])

if test "$PHP_FETTLE" != "no"; then
  AC_CHECK_HEADER([linux/memfd.h], [], [AC_MSG_ERROR([fettle needs Linux (memfd_create)])])
  FETTLE_WIRE=
  for dir in "$abs_srcdir/include" "$abs_srcdir/../include"; do
    if test -f "$dir/fettle/wire.h"; then
      FETTLE_WIRE=$dir
    fi
  done
  if test -z "$FETTLE_WIRE"; then
    AC_MSG_ERROR([fettle/wire.h not found beside or above the extension])
  fi
  PHP_ADD_INCLUDE([$FETTLE_WIRE])
  PHP_NEW_EXTENSION([fettle],
    [ai.c align.c blade.c clock.c curl.c fettle.c guard.c handler.c http.c laravel.c misc.c mysqli.c object.c pdo.c pgsql.c place.c plant.c redis.c request.c ring.c sql.c sqlite3.c sqltext.c stream.c tracer.c values.c],
    [$ext_shared],,
    [-D_GNU_SOURCE -DZEND_ENABLE_STATIC_TSRMLS_CACHE=1 -fvisibility=hidden])
  PHP_ADD_EXTENSION_DEP(fettle, pdo)
fi
