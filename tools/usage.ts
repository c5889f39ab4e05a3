/**
 * Answers `--help` before a command does anything, and refuses arguments that it would pass over in silence.
 *
 * @param usage a few lines: how it is called, what it does, how it ends
 * @param most how many arguments it takes
 */
export function explain(usage: string, most = 0, args = process.argv.slice(2)): void {
  if (args.includes('--help') || args.includes('-h')) {
    process.stdout.write(`${usage}\n`)
    process.exit(0)
  }
  if (args.length <= most) return
  process.stderr.write(`${args.at(most)} is one argument too many.\n${usage}\n`)
  process.exit(2)
}
