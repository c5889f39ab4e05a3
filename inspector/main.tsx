import { render } from 'preact'
import { App } from './app.tsx'
import { followAddress } from './place.ts'
import { followTheme } from './preferences.ts'
import { begin } from './session.ts'
import { followKeys } from './shortcuts.ts'

followTheme()
followAddress()
followKeys()
begin()
document.querySelector('noscript')?.remove()
render(<App />, document.body)
