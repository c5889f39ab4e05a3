import type { ChildProcess } from 'node:child_process'
import { spawn } from 'node:child_process'
import { eventually } from './bench.ts'
import { user } from './scenario.ts'

/** An emulator in a process of its own, which can be killed; in memory, unless others say so. */
export async function startProcess(port: number, ...others: string[]): Promise<ChildProcess> {
  const where = others.includes('--db') ? [] : ['--db', ':memory:']
  const child = spawn(process.execPath, ['src/main.js', '--port', String(port), ...where, ...others], {
    stdio: 'ignore',
  })
  const isUp = () =>
    fetch(`http://127.0.0.1:${port}/_emulator/health`).then(
      () => true,
      () => false,
    )
  await eventually(isUp, true, 'it serves')
  return child
}

export async function callOnce(address: string): Promise<void> {
  const date = new Date().toISOString().replace(/[-:]|\.\d{3}/g, '')
  await fetch(`${address}/koodrive/ose/v1/backup/device`, {
    headers: { authorization: 'Bearer t', 'x-user-id': user, 'x-date': date },
  })
}
