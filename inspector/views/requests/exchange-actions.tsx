import { useEffect } from 'preact/hooks'
import { attempt, replay } from '../../actions.ts'
import type { Tab } from '../../address.ts'
import type { ExchangeView } from '../../api.ts'
import { addressOf, api, emulatorAddress } from '../../api.ts'
import { whyNotAgain } from '../../model/resending.ts'
import { curlOf, fetchOf, replaced, whyNotCopied } from '../../model/snippets.ts'
import { announce } from '../../parts/announce.tsx'
import { Button } from '../../parts/button.tsx'
import { copyText, saveAs } from '../../parts/copy.tsx'
import { Icon } from '../../parts/icon.tsx'
import { Menu } from '../../parts/menu.tsx'
import { go, place } from '../../place.ts'
import { exchangeKeys } from '../../shortcuts.ts'

export const chooseTab = (tab: Tab): void => go({ tab }, { replace: true })

/** What the first button of the advice does, where there is one. */
const takeAdvice = () => document.querySelector<HTMLElement>('.advice button')?.click()

/** What can be done with an exchange. */
export function Actions({ exchange }: { readonly exchange: ExchangeView }) {
  const { id } = exchange
  const whyNot = whyNotAgain(exchange)
  const again = () => void replay(id)
  const copy = (write: typeof curlOf, what: string) => {
    const mistake = whyNotCopied(exchange.requestText, exchange.requestBody)
    if (mistake === undefined) void copyText(write(exchange, emulatorAddress), what)
    else announce(mistake, 'shown', { tone: 'refused' })
  }
  const curl = () => copy(curlOf, `The curl command (${replaced})`)
  const explain = () => go({ view: 'explain', request: id })
  useEffect(() => {
    exchangeKeys.current = whyNot === undefined ? { r: again, c: curl, e: explain, s: takeAdvice } : {}
    return () => {
      exchangeKeys.current = {}
    }
  }, [exchange])
  return (
    <div class="actions">
      {whyNot === undefined ? (
        <>
          <Button look="" onClick={again}>
            <Icon name="corner-up-right" size={14} /> Replay <kbd>R</kbd>
          </Button>
          <Button look="" onClick={() => chooseTab('replay')}>
            <Icon name="pencil" size={14} /> Edit and replay
          </Button>
          <Button look="" onClick={curl} title={replaced}>
            <Icon name="copy" size={14} /> Copy as curl <kbd>C</kbd>
          </Button>
          <Button look="" onClick={explain}>
            <Icon name="circle-question-mark" size={14} /> Explain <kbd>E</kbd>
          </Button>
        </>
      ) : (
        <p class="muted">{whyNot}</p>
      )}
      <Button look="quiet" onClick={() => chooseTab('compare')}>
        Compare
      </Button>
      <Menu label="More" face={<Icon name="ellipsis" />}>
        {whyNot === undefined && (
          <Button onClick={() => copy(fetchOf, 'The call of fetch')}>
            <Icon name="copy" size={14} /> Copy as fetch
          </Button>
        )}
        <Button onClick={() => saveHar(id)}>
          <Icon name="download" size={14} /> Save as HTTP archive
        </Button>
        <Button onClick={() => copyText(location.href, 'The address of this exchange')}>
          <Icon name="external-link" size={14} /> Copy its address
        </Button>
        <a href={addressOf(`worlds/${encodeURIComponent(exchange.world)}/requests/${id}`)}>
          <Icon name="database" size={14} /> As JSON
        </a>
      </Menu>
    </div>
  )
}

const saveHar = (id: number): Promise<boolean> =>
  attempt(async () => {
    const { world } = place.peek()
    saveAs(`${world}-${id}.har`, 'application/json', JSON.stringify(await api.requests(world, `/${id}.har`), null, 2))
  })
