import { name } from './package.ts'

/** This program and its arguments, and nothing else that a shell could run beside or after it. */
const alone = new RegExp(`^(\\w+=\\S* +)*(node src[/\\\\]main\\.js|["']?${name}["']?)( [^&|;<>()\`\\n]*)?$`)

/**
 * How npm was called, where it runs this program and nothing else: `npm start`, `npm run NAME` or `npx … NAME`.
 *
 * @param environment what npm tells its scripts in
 * @returns `undefined` where it runs anything else, or does not run at all
 */
export function npmCall(environment: NodeJS.ProcessEnv): string | undefined {
  const { npm_lifecycle_event: event, npm_lifecycle_script: script = '' } = environment
  if (event === undefined || !alone.test(script)) return undefined
  if (event === 'npx') return `npx --no -- ${name}`
  return event === 'start' ? 'npm start --' : `npm run ${event} --`
}
