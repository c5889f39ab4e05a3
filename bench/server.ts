import { startEmulator } from '../src/index.ts'

/*
 * An emulator in a process of its own, for a benchmark that forked it: its options arrive as JSON in the first argument, its
 * address goes to the parent, and every message is answered with the CPU time it has used so far, in microseconds.
 */

const { url } = await startEmulator(JSON.parse(process.argv[2] ?? '{}'))
process.on('message', () => {
  const { user, system } = process.cpuUsage()
  process.send?.({ cpu: user + system })
})
process.send?.({ url })
