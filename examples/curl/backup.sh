#!/bin/sh
set -eu
emulator=${KOODRIVE_URL:-http://127.0.0.1:4020}
world=${KOODRIVE_WORLD:-curl-$$}
control=$emulator/_emulator/worlds/$world

# dial METHOD PATH [BODY] turns what only a test may turn.
dial() { curl -sS -X "$1" "$control$2" -H 'Content-Type: application/json' ${3:+-d "$3"}; }

# api METHOD PATH [BODY] makes a call as a client would.
api() {
  curl -sS -X "$1" "$emulator/worlds/$world/koodrive/ose/v1/backup$2" \
    -H 'Authorization: Bearer any-token' -H 'X-User-Id: 1505084218764547200' -H "X-Date: $(date -u +%Y%m%dT%H%M%SZ)" \
    -H "x-backup-lock-id: ${lock:-}" -H 'Content-Type: application/json' ${3:+-d "$3"}
}

# expect WHAT TEXT ANSWER ends the script unless the answer has the text in it.
expect() {
  case $3 in
    *"$2"*) echo "ok - $1" ;;
    *) echo "not ok - $1: $3" && exit 1 ;;
  esac
}

dial PUT '' '{"devices":"strict"}' >/dev/null

config=/device/1842812272691451648/config
change() {
  echo "{\"moduleCode\":\"102\",\"configName\":\"backend_backup_switch\",
    \"currentConfigValue\":\"$1\",\"newConfigValue\":\"on\"}"
}
expect 'a stale value is refused' '"code":13990409' "$(api PATCH $config "$(change stale)")"
expect 'the present value is taken' '"code":0' "$(api PATCH $config "$(change 101test2value)")"
expect 'a device that was never bound is refused' '"code":13000309' "$(api GET '/device/mistyped/scope?moduleCode=102')"

lock=$(api POST /lock '{"moduleCode":"100"}' | sed 's/.*"lockId":"\([^"]*\)".*/\1/')
expect 'a live lock is renewed' '"code":0' "$(api PATCH /lock)"
dial PATCH /clock '{"advance":"PT10M"}' >/dev/null
expect 'a lock is lost after ten minutes' '"code":13990424' "$(api PATCH /lock)"

dial POST /faults '{"operations":["listBoundDevice"],"effect":{"type":"throttle","retryAfter":3}}' >/dev/null
expect 'a throttled call is told so' '"code":13990429' "$(api GET /device)"
expect 'it was not tried again at once' '"count":1' "$(dial GET '/requests/count?operation=listBoundDevice')"
dial DELETE ''
