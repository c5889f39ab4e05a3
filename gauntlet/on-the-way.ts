import type { Entity } from './entities.ts'
import { entityLine, formOf, identityOf } from './entities.ts'

/** How an entity was seen in the states of runs without mishap. */
interface Sightings {
  readonly forms: ReadonlySet<string>
  readonly files: ReadonlySet<string>
  readonly most: number
  readonly least: number
  readonly sample: Entity
}

/**
 * What makes a state none that a run without mishap passes through, entity by entity: something that was never there, or not
 * so often, or not in this form; or something gone that always stays. What half of a batch left is on the way, too.
 *
 * @param states of runs without mishap, from their beginnings to their ends
 */
export function offTheWay(states: readonly (readonly Entity[])[], found: readonly Entity[]): string[] {
  const seen = sightingsIn(states)
  const here = groupsOf(found)
  const odd = [...here].flatMap(([identity, entities]) => oddities(seen.get(identity), entities))
  const gone = [...seen].filter(([identity, { least }]) => (here.get(identity)?.length ?? 0) < least)
  return [...odd, ...gone.map(([, { sample }]) => `gone, though never without mishap: ${entityLine(sample)}`)]
}

function oddities(seen: Sightings | undefined, entities: readonly Entity[]): string[] {
  const [first] = entities
  if (seen === undefined || first === undefined)
    return entities.map((entity) => `never there without mishap: ${entityLine(entity)}`)
  const often =
    entities.length > seen.most
      ? [`${entities.length} times, at most ${seen.most} without mishap: ${entityLine(first)}`]
      : []
  const changed = entities.filter((entity) => !seen.forms.has(formOf(entity)) && !isPart(entity, seen))
  return [...often, ...changed.map((entity) => `never so without mishap: ${entityLine(entity)}`)]
}

const groupsOf = (entities: readonly Entity[]): Map<string, Entity[]> => Map.groupBy(entities, identityOf)

function sightingsIn(states: readonly (readonly Entity[])[]): Map<string, Sightings> {
  const grouped = states.map(groupsOf)
  const identities = new Set(grouped.flatMap((groups) => [...groups.keys()]))
  const entries = [...identities].flatMap((identity): [string, Sightings][] => {
    const lists = grouped.map((groups) => groups.get(identity) ?? [])
    const [sample] = lists.flat()
    /* c8 ignore next -- each was seen somewhere */
    if (sample === undefined) return []
    const counts = lists.map(({ length }) => length)
    const forms = new Set(lists.flat().map(formOf))
    const files = new Set(lists.flat().flatMap((entity) => filesOf(entity)))
    return [[identity, { forms, files, most: Math.max(...counts), least: Math.min(...counts), sample }]]
  })
  return new Map(entries)
}

/** An open record with some of the files that one without mishap has on its way, whatever of their parts came. */
const isPart = (entity: Entity, { files }: Sightings): boolean =>
  entity.type === 'record' && entity.fields['completed'] === false && filesOf(entity).every((file) => files.has(file))

const filesOf = ({ files = [] }: Entity): string[] =>
  files.map((file) => formOf({ type: 'record', fields: { ...file, parts: '' } }))
