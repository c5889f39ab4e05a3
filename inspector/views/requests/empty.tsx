import { useEffect, useState } from 'preact/hooks'
import { attempt } from '../../actions.ts'
import { addressOf, emulatorAddress } from '../../api.ts'
import { counted, span } from '../../model/wording.ts'
import { Button } from '../../parts/button.tsx'
import { copyText } from '../../parts/copy.tsx'
import { Icon } from '../../parts/icon.tsx'
import { Scrolling } from '../../parts/scrolling.tsx'
import { hrefOfView, hrefOfWorld, place } from '../../place.ts'
import { readWorlds, world, worlds } from '../../session.ts'
import { sendSample } from './sample.ts'

const callFor = (address: string, token: string): string =>
  [
    `curl ${address}/koodrive/ose/v1/backup/device \\`,
    `  -H "Authorization: Bearer ${token}" -H 'X-User-Id: 1001' \\`,
    '  -H "X-Date: $(date -u +%Y%m%dT%H%M%SZ)"',
  ].join('\n')

/** Where a client reaches a world, as this page reached the emulator. */
export const worldAddress = (name: string): string => `${emulatorAddress}/worlds/${encodeURIComponent(name)}`

/** Nothing has called this world: how to, and where calls may have gone instead. */
export function Empty() {
  const { world: name } = place.value
  const [isSending, setSending] = useState(false)
  // One that is not there yet is made as default was.
  const { auth } = (world.value ?? worlds.value.find((one) => one.name === 'default'))?.settings ?? {}
  const isKnown = auth === 'known'
  const call = callFor(worldAddress(name), isKnown ? '$TOKEN' : 'any-token')
  useEffect(readWorlds, [name])
  const send = async () => {
    setSending(true)
    await attempt(() => sendSample(worldAddress(name)))
    setSending(false)
  }
  return (
    <div class="empty">
      <div class="hero">
        <div class="ghost" aria-hidden="true">
          <div style={{ width: '92%' }} />
          <div style={{ width: '78%' }} />
          <div style={{ width: '86%' }} />
        </div>
        <h1>
          Nothing has called <code>{name}</code> yet
        </h1>
        <p>
          Point your client at <code>{worldAddress(name)}</code>, or send one call from a terminal. It appears here
          while it happens, with what was checked, what was stored and why it was refused.
          {world.value === null && ' The world is made by its first call.'}
        </p>
        {isKnown && (
          <p>
            $TOKEN stands for one of{' '}
            <a class="reference" href={hrefOfView('tokens')}>
              Tokens and apps
            </a>
          </p>
        )}
        <Scrolling class="code framed" label="A call to copy">
          {call}
        </Scrolling>
        <div class="actions">
          <Button look="primary" onClick={() => copyText(call, 'The call')}>
            <Icon name="copy" size={14} />
            Copy the call
          </Button>
          <Button look="" disabled={isSending} onClick={send}>
            Send a sample backup
          </Button>
          <a class="button quiet" href={addressOf('docs')}>
            API documentation
          </a>
        </div>
        <OtherWorld />
      </div>
    </div>
  )
}

/** The world that was called last, where it is another. */
function OtherWorld() {
  const { world: name } = place.value
  const called = worlds.value
    .filter((one) => one.name !== name && (one.counts?.requests ?? 0) > 0)
    .toSorted((one, other) => Date.parse(other.lastUsedAt) - Date.parse(one.lastUsedAt))
  const [last] = called
  if (!last) return null
  return (
    <p>
      Looking for calls that you have made? They may have gone to another world:{' '}
      <a class="reference" href={hrefOfWorld(last.name)}>
        {last.name} saw {counted(last.counts?.requests ?? 0, 'request')}, the last{' '}
        {span(Date.now() - Date.parse(last.lastUsedAt))} ago
      </a>
      .
    </p>
  )
}
