import type { ComponentChildren } from 'preact'
import { useState } from 'preact/hooks'
import type { FaultRequest } from '../../../schemas/control-faults.ts'
import { api, emulatorAddress } from '../../api.ts'
import { formFields, jsonOr, valuesOf } from '../../model/fault-form.ts'
import { effectWords, effectWordsOf, timingWords } from '../../model/fault-words.ts'
import { announce } from '../../parts/announce.tsx'
import { Button } from '../../parts/button.tsx'
import { Card, Mistake } from '../../parts/card.tsx'
import { CopyButton } from '../../parts/copy.tsx'
import { Field, TextField } from '../../parts/field.tsx'
import { Page } from '../../parts/page.tsx'
import { Scrolling } from '../../parts/scrolling.tsx'
import { place } from '../../place.ts'
import { catalogue } from '../../session.ts'
import type { Conditions } from './fields.tsx'
import { BodyConditions, Fields, Operations, Suggestions } from './fields.tsx'
import { Met } from './met.tsx'

/** What was filled in so far. */
interface FaultDraft {
  readonly effect: string
  readonly timing: string
  readonly operations: readonly string[]
  readonly deviceId: string
  readonly body: Conditions
  readonly texts: Readonly<Record<string, string>>
}

const blank: FaultDraft = {
  effect: 'loseAnswer',
  timing: 'first',
  operations: [],
  deviceId: '',
  body: [],
  texts: { 'timing first': '1' },
}

type Schemas = Readonly<Record<string, unknown>>

const textsFor = (draft: FaultDraft, what: string): Record<string, string> =>
  Object.fromEntries(
    Object.entries(draft.texts)
      .filter(([name]) => name.startsWith(`${what} `))
      .map(([name, text]) => [name.slice(what.length + 1), text]),
  )

/** The fault that a draft stands for, as it is sent. */
function faultOf(draft: FaultDraft, effects: Schemas, timings: Schemas): FaultRequest {
  const { effect, timing, operations, deviceId, body } = draft
  const when = valuesOf(formFields(timings[timing]), textsFor(draft, 'timing'))
  return {
    operations: operations.length === 0 ? '*' : [...operations],
    ...(deviceId !== '' && { deviceId }),
    ...(body.length > 0 && { body: Object.fromEntries(body.map(([pointer, value]) => [pointer, jsonOr(value)])) }),
    ...(timing !== 'always' && { when }),
    effect: { type: effect, ...valuesOf(formFields(effects[effect]), textsFor(draft, 'effect')) },
  }
}

const howOften = [
  ['always', 'Always'],
  ...Object.entries(timingWords).map(([name, { title }]) => [name, title] as const),
] as const

interface FaultFormProps {
  readonly onDone: () => void
  readonly children: ComponentChildren
}

/** A fault, made of what the contracts say that one can be. */
export function FaultForm({ onDone, children }: FaultFormProps) {
  const [draft, setDraft] = useState(blank)
  const [mistake, setMistake] = useState<string | undefined>()
  const { effects = {}, timings = {} } = catalogue.value ?? {}
  const fault = faultOf(draft, effects, timings)
  const { world } = place.value
  const change = (part: Partial<FaultDraft>) => setDraft({ ...draft, ...part })
  const write = (name: string, text: string) => change({ texts: { ...draft.texts, [name]: text } })
  const make = async () => {
    try {
      const { id } = await api.addFault(world, fault)
      announce(`${id} was made`, 'shown')
      onDone()
    } catch (error) {
      setMistake(error instanceof Error ? error.message : String(error))
    }
  }
  const head = (
    <>
      <span class="grow" />
      <Button look="quiet" onClick={onDone}>
        Cancel
      </Button>
      <Button look="primary" onClick={make}>
        Make this fault
      </Button>
    </>
  )
  return (
    <Page title="New fault" head={head} width={1080}>
      <Mistake text={mistake} />
      <div class="two wide-left">
        <div class="stack">
          <Card title="What goes wrong">
            <div class="inner stack">
              <Effects chosen={draft.effect} known={Object.keys(effects)} onChoose={(effect) => change({ effect })} />
              <Fields schema={effects[draft.effect]} what="effect" texts={draft.texts} onWrite={write} />
            </div>
          </Card>
          <Card title="For which requests">
            <div class="inner stack">
              <Operations chosen={draft.operations} onChange={(operations) => change({ operations })} />
              <div class="fields-row">
                <TextField
                  label="Device"
                  hint="empty for every device"
                  list="devices"
                  value={draft.deviceId}
                  onWrite={(deviceId) => change({ deviceId })}
                />
                <BodyConditions body={draft.body} onChange={(body) => change({ body })} />
              </div>
              <Field label="How often">
                <div class="choices">
                  {howOften.map(([name, title]) => (
                    <Button key={name} aria-pressed={draft.timing === name} onClick={() => change({ timing: name })}>
                      {title}
                    </Button>
                  ))}
                </div>
              </Field>
              <Fields schema={timings[draft.timing]} what="timing" texts={draft.texts} onWrite={write} />
            </div>
          </Card>
        </div>
        <div class="stack">
          <Met fault={fault} />
          <AsCall fault={fault} />
        </div>
      </div>
      <Suggestions />
      {children}
    </Page>
  )
}

interface EffectsProps {
  readonly chosen: string
  readonly known: readonly string[]
  readonly onChoose: (effect: string) => void
}

/** In the order of the words, then whatever else the catalogue has. */
const ordered = (known: readonly string[]): string[] => [
  ...Object.keys(effectWords).filter((name) => known.includes(name)),
  ...known.filter((name) => !(name in effectWords)),
]

const Effects = ({ chosen, known, onChoose }: EffectsProps) => (
  <div class="options">
    {ordered(known).map((name) => {
      const { title, about } = effectWordsOf(name) ?? { title: name, about: '' }
      return (
        <Button key={name} aria-pressed={chosen === name} onClick={() => onChoose(name)}>
          <b>{title}</b>
          <small>{about}</small>
        </Button>
      )
    })}
  </div>
)

/** The same as a call, and as a test would write it. */
function AsCall({ fault }: { readonly fault: FaultRequest }) {
  const [isCode, setCode] = useState(false)
  const { world } = place.value
  const json = JSON.stringify(fault, null, 2)
  const call = `POST ${emulatorAddress}/_emulator/worlds/${world}/faults\n${json}`
  const code = `emulator.world(${JSON.stringify(world)}).faults.add(${json})`
  const text = isCode ? code : call
  return (
    <Card
      title={isCode ? 'In a test' : 'As a call'}
      actions={
        <>
          <Button look="quiet small" aria-pressed={isCode} onClick={() => setCode(!isCode)}>
            Node.js
          </Button>
          <CopyButton text={() => text} what="The fault" />
        </>
      }
    >
      <Scrolling class="code" label="The same as a call">
        {text}
      </Scrolling>
    </Card>
  )
}
