import { useState } from 'preact/hooks'
import { attempt } from '../actions.ts'
import { api } from '../api.ts'
import { Button } from '../parts/button.tsx'
import { Card } from '../parts/card.tsx'
import { CopyButton } from '../parts/copy.tsx'
import { TextField } from '../parts/field.tsx'
import { Page } from '../parts/page.tsx'
import { place } from '../place.ts'
import { whyNothing, world } from '../session.ts'

const abouts = {
  any: 'auth is any: every well-formed token is good for every user. App signatures are always verified.',
  known: 'auth is known: only tokens that were issued are good, for their own user, while they live.',
} as const

/** Credentials of a world: they are made here, and shown once. */
export function Tokens() {
  const auth = world.value?.settings.auth
  return (
    <Page title="Tokens and apps" about={auth ? abouts[auth] : whyNothing.value}>
      <div class="two">
        <Issue />
        <div class="stack">
          <Expire />
          <Register />
        </div>
      </div>
    </Page>
  )
}

interface FormProps {
  readonly word: string
  readonly onSend: () => void
  readonly children: preact.ComponentChildren
}

const Form = ({ word, onSend, children }: FormProps) => (
  <form
    class="inner stack"
    onSubmit={(event) => {
      event.preventDefault()
      onSend()
    }}
  >
    {children}
    <div class="actions">
      <Button type="submit" look="">
        {word}
      </Button>
    </div>
  </form>
)

function Issue() {
  const [user, setUser] = useState('1001')
  const [lifetime, setLifetime] = useState('PT20M')
  const [issued, setIssued] = useState<{ token: string; expiresAt: string | null } | null>(null)
  const send = () =>
    attempt(async () => setIssued(await api.issueToken(place.peek().world, user, lifetime)), 'A token was issued')
  return (
    <Card title="Issue a token" note="it is shown once, here">
      <Form word="Issue a token" onSend={send}>
        <TextField label="User" value={user} onWrite={setUser} />
        <TextField label="Lifetime" hint="a duration; empty for the usual one" value={lifetime} onWrite={setLifetime} />
      </Form>
      {issued && (
        <div class="inner actions">
          <code class="sent grow">{issued.token}</code>
          <CopyButton text={() => issued.token} what="The token" />
          <span class="muted">{issued.expiresAt ? `until ${issued.expiresAt}` : 'without end'}</span>
        </div>
      )}
    </Card>
  )
}

function Expire() {
  const [token, setToken] = useState('')
  return (
    <Card title="Let a token expire">
      <Form
        word="Let it expire now"
        onSend={() => attempt(() => api.expireToken(place.peek().world, token), 'The token has expired')}
      >
        <TextField label="Token" value={token} onWrite={setToken} />
      </Form>
    </Card>
  )
}

function Register() {
  const [id, setId] = useState('')
  const [secret, setSecret] = useState('')
  return (
    <Card title="Register an app" note="for signatures of HMAC-SHA256">
      <Form
        word="Register it"
        onSend={() => attempt(() => api.registerApp(place.peek().world, id, secret), `${id} is registered`)}
      >
        <TextField label="App id" value={id} onWrite={setId} />
        <TextField label="App secret" value={secret} onWrite={setSecret} />
      </Form>
    </Card>
  )
}
