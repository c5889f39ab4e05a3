import { UsageError } from './usage-error.ts'

/** What a command is told of the emulator beside it. */
export interface CommandPlace {
  /** What stands before the base path, without a slash at the end. */
  readonly url: string
  readonly token: string
  /** Whose token it is. */
  readonly user: string
  /** The address of the default world in the control plane. */
  readonly control: string
  /** What the control plane asks for, if anything. */
  readonly controlToken: string | undefined
  /** An empty folder of this run. */
  readonly runDir: string
  /** What goes wrong on purpose: the id of an adversity, or `none`. */
  readonly adversity: string
}

/** By which a process of the run is known again: it hands it down to all that it starts. */
export const runDirVariable = 'KOODRIVE_RUN_DIR'

/** A variable of the user's own, with names in braces in place of what is known when the command starts. */
export interface Template {
  readonly name: string
  readonly text: string
}

/** What may stand in braces. */
export const templateWords: readonly (keyof CommandPlace)[] = [
  'url',
  'token',
  'user',
  'control',
  'controlToken',
  'runDir',
  'adversity',
]

/** @throws UsageError unless it is `NAME=TEMPLATE`, and the template names nothing that nobody knows */
export function readTemplate(given: string): Template {
  const [, name, text] = /^([A-Za-z_]\w*)=(.*)$/s.exec(given) ?? []
  if (name === undefined || text === undefined)
    throw new UsageError(`--env takes NAME=TEMPLATE such as BACKUP_URL={url}, not "${given}"`)
  const unknown = [...text.matchAll(/\{(\w+)\}/g)].map(([, word = '']) => word).find((word) => !isKnown(word))
  if (unknown === undefined) return { name, text }
  throw new UsageError(
    `--env ${name} names {${unknown}}; there are ${templateWords.map((word) => `{${word}}`).join(', ')}`,
  )
}

const isKnown = (word: string): boolean => templateWords.some((name) => name === word)

const places = new RegExp(`\\{(${templateWords.join('|')})\\}`, 'g')

/** The environment of a command: what it would have without us, and where the emulator is. */
export function variablesOf(
  place: CommandPlace,
  templates: readonly Template[],
  inherited: NodeJS.ProcessEnv,
): NodeJS.ProcessEnv {
  const filled = ({ name, text }: Template) => [
    name,
    text.replace(places, (_, word: keyof CommandPlace) => place[word] ?? ''),
  ]
  return {
    ...inherited,
    KOODRIVE_URL: place.url,
    KOODRIVE_TOKEN: place.token,
    KOODRIVE_CONTROL_URL: place.control,
    KOODRIVE_CONTROL_TOKEN: place.controlToken,
    KOODRIVE_ADVERSITY: place.adversity,
    [runDirVariable]: place.runDir,
    ...Object.fromEntries(templates.map(filled)),
  }
}
