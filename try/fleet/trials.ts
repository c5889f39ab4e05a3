import type { Trial } from '../verdicts.ts'
import { canaries, measured, tokens } from './doors.ts'
import type { Fleet } from './fleet.ts'
import { manifests } from './manifests.ts'
import { neighbours } from './neighbours.ts'
import { alike, routed, verified } from './routing.ts'
import type { Stage } from './stage.ts'
import { withFleet } from './stage.ts'
import { killed, killedWhileParking, moved, takenOnce, underTraffic } from './survival.ts'

/** All trials, each with emulators of its own. */
export function fleetTrials(stage: Stage): Trial[] {
  const trial = (what: string, make: () => Promise<string>): Trial => ({ what, make })
  const ofFleet = (what: string, work: (fleet: Fleet) => Promise<string>): Trial =>
    trial(what, () => withFleet(stage, what.replace(/\W+/g, '-'), work))
  return [
    trial('every route alike, direct and through haproxy', () => alike(stage, 'haproxy')),
    trial('every route alike, direct and through nginx', () => alike(stage, 'nginx')),
    ofFleet('verify exits 0, in the default world and below a prefix', (fleet) => verified(stage, fleet)),
    ofFleet('routing agrees with the emulator, however a name is spelt', routed),
    ofFleet('one of three is killed: its worlds are refused, none is empty', killed),
    ofFleet('stopped and started under traffic: no wrong answer', underTraffic),
    trial('a shard joins, two leave: no world is lost', () => moved(stage)),
    ofFleet('a fault in one world touches no neighbour', neighbours),
    trial('two processes, one folder, 1,000 first uses: each is taken once', () => takenOnce(stage)),
    trial('SIGKILL while worlds are parked leaves whole files or none', () => killedWhileParking(stage)),
    trial('promtool is content, and counters equal the journal', () => measured(stage)),
    trial('tokens are refused and accepted as the pages say', () => tokens(stage)),
    ofFleet('no canary in a log of either side', canaries),
    trial('the manifests are sound', () => manifests(stage)),
  ]
}
