import { explain } from '../tools/usage.ts'
import { install } from './fleet/machine.ts'
import { fleetTrials } from './fleet/trials.ts'
import { withFolder } from './place.ts'
import type { Verdict } from './verdicts.ts'
import { conclude, judgeEach } from './verdicts.ts'

/*
 * A fleet of emulators behind stock proxies, with the files of docs/fleet: asked, killed, stopped, filled and measured, on
 * loopback alone. Debian's haproxy, nginx and prometheus are installed where this process may; without them, what needs them
 * is not run. Takes about two minutes.
 */

explain(`npm run try:fleet

Tries emulators behind haproxy and nginx, with the files of docs/fleet. Needs Debian's haproxy, nginx-light,
prometheus and kubernetes-client, which it installs where it may, and some minutes. Exit status 1 where anything failed.`)

/** For whoever waits. */
const progress = ({ what, word, remark = '' }: Verdict, millis: number) =>
  process.stderr.write(
    `${word} after ${(millis / 1000).toFixed(1)} s: ${what}\n${word === 'FAILED' ? `${remark}\n` : ''}`,
  )

install()
const verdicts = await withFolder((folder, cleanup) => judgeEach(fleetTrials({ folder, cleanup }), progress))
conclude([{ name: 'verdict', verdicts }])
