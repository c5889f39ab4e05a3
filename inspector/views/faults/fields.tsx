import { useState } from 'preact/hooks'
import { formFields } from '../../model/fault-form.ts'
import { uploads } from '../../model/fault-words.ts'
import { Button } from '../../parts/button.tsx'
import { Field, Input, Select } from '../../parts/field.tsx'
import { Icon } from '../../parts/icon.tsx'
import { all, catalogue } from '../../session.ts'

/** What a body has to hold: values by their pointers. */
export type Conditions = readonly (readonly [pointer: string, value: string])[]

interface FieldsProps {
  readonly schema: unknown
  readonly what: string
  readonly texts: Readonly<Record<string, string>>
  readonly onWrite: (name: string, text: string) => void
}

export function Fields({ schema, what, texts, onWrite }: FieldsProps) {
  const fields = formFields(schema)
  if (fields.length === 0) return null
  return (
    <div class="fields-row">
      {fields.map(({ name, kind, isRequired, choices, hint }) => {
        const key = `${what} ${name}`
        const props = { label: name, value: texts[key] ?? '' }
        const write = (text: string) => onWrite(key, text)
        return (
          <Field key={name} label={`${name}${isRequired ? '' : ', optional'}`} hint={hint}>
            {kind === 'choice' ? (
              <Select {...props} class="input mono" onChoose={write}>
                <option value="">none</option>
                {choices.map((choice) => (
                  <option key={choice}>{String(choice)}</option>
                ))}
              </Select>
            ) : (
              <Input {...props} list={lists[key]} inputMode={kind === 'number' ? 'decimal' : 'text'} onWrite={write} />
            )}
          </Field>
        )
      })}
    </div>
  )
}

/** What may be entered there, as the catalogue has it. */
const lists: Readonly<Record<string, string>> = {
  'effect error': 'errors',
  'effect code': 'gateway',
  'effect errorCode': 'errors',
}

interface OperationsProps {
  readonly chosen: readonly string[]
  readonly onChange: (operations: readonly string[]) => void
}

export function Operations({ chosen, onChange }: OperationsProps) {
  const known = catalogue.value?.operations.map(({ id }) => id) ?? []
  return (
    <Field label="Operations" hint={chosen.length === 0 ? 'none chosen: all of them' : undefined}>
      <div class="tags">
        {chosen.map((id) => (
          <span key={id} class="tag">
            <span>{id}</span>
            <Button aria-label={`Remove ${id}`} onClick={() => onChange(chosen.filter((one) => one !== id))}>
              <Icon name="x" size={11} />
            </Button>
          </span>
        ))}
        <Select class="" label="Add an operation" value="" onChoose={(id) => id && onChange([...chosen, id])}>
          <option value="">{chosen.length === 0 ? 'all, or choose' : 'add another'}</option>
          {[...known, uploads]
            .filter((id) => !chosen.includes(id))
            .map((id) => (
              <option key={id}>{id}</option>
            ))}
        </Select>
      </div>
    </Field>
  )
}

interface BodyConditionsProps {
  readonly body: Conditions
  readonly onChange: (body: Conditions) => void
}

export function BodyConditions({ body, onChange }: BodyConditionsProps) {
  const [text, setText] = useState('')
  const add = () => {
    const [, pointer = '', value = ''] = /^\/?([^=]+?)\s*=\s*(.*)$/s.exec(text) ?? []
    if (pointer === '') return
    onChange([...body.filter(([one]) => one !== `/${pointer}`), [`/${pointer}`, value]])
    setText('')
  }
  return (
    <Field label="Body" hint='such as /moduleCode = "100"; Enter adds it'>
      <div class="tags">
        {body.map(([pointer, value]) => (
          <span key={pointer} class="tag">
            <span>
              {pointer} = {value}
            </span>
            <Button aria-label={`Remove ${pointer}`} onClick={() => onChange(body.filter(([one]) => one !== pointer))}>
              <Icon name="x" size={11} />
            </Button>
          </span>
        ))}
        <Input
          class="bare-input mono"
          label="Body, a pointer and its value"
          value={text}
          onWrite={setText}
          onChange={add}
          onKeyDown={(event) => event.key === 'Enter' && add()}
        />
      </div>
    </Field>
  )
}

/** What fields suggest. */
export function Suggestions() {
  const devices = new Set(
    all.value.flatMap(({ sent, given }) => [sent['deviceId'] ?? [], given['deviceId'] ?? []].flat()),
  )
  return (
    <>
      <datalist id="devices">
        {[...devices].map((id) => (
          <option key={id} value={id} />
        ))}
      </datalist>
      <datalist id="errors">
        {catalogue.value?.errors.map(({ key, status, code }) => (
          <option key={key} value={key}>
            {status} {code}
          </option>
        ))}
      </datalist>
      <datalist id="gateway">
        {catalogue.value?.gateway.map(({ code, message }) => (
          <option key={code} value={code}>
            {message}
          </option>
        ))}
      </datalist>
    </>
  )
}
