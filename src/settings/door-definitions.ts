import { addressRanges, briefSpan, define, text, token } from './forms.ts'

/** Settings of who may come in, through whom, and for how long at the end. */
export const doorDefinitions = {
  controlToken: define({
    flag: 'control-token',
    takes: 'TOKEN',
    fallback: undefined,
    help: 'what whoever uses the control plane has to show; a variable only',
    isSecret: true,
    parse: token,
  }),
  controlTokenFile: define({
    flag: 'control-token-file',
    takes: 'FILE',
    fallback: undefined,
    help: 'the same in a file, one a line; any of them will do',
    parse: text,
  }),
  trustProxy: define({
    flag: 'trust-proxy',
    takes: 'CIDR,…',
    fallback: '',
    help: 'proxies whose X-Forwarded headers and X-Request-Id count; repeatable',
    isRepeatable: true,
    parse: addressRanges,
  }),
  drain: define({
    flag: 'drain',
    takes: 'DURATION',
    fallback: 'PT0S',
    help: 'how long requests are still taken after SIGTERM, while /_emulator/ready says 503',
    parse: briefSpan,
  }),
  grace: define({
    flag: 'grace',
    takes: 'DURATION',
    fallback: 'PT1.5S',
    help: 'how long requests in flight may take at the end',
    parse: briefSpan,
  }),
} as const
