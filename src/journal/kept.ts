import type { Exchange } from '../http/exchange.ts'
import type { Redaction } from '../http/secrets.ts'
import type { World } from '../world/world.ts'
import type { KeptBody, NewEntry } from './entry.ts'
import { keepBytes, keepText } from './entry.ts'
import type { ShownTexts } from './reading.ts'

type Kept = Pick<NewEntry, 'path' | 'params' | 'query' | 'requestBody' | 'responseBody'>

/** What is kept of an exchange's texts: in almost all, no secret is to be found. */
export function keptOf(
  world: World,
  exchange: Exchange,
  redaction: Redaction,
  texts: ShownTexts,
  answer: string,
): Kept {
  const { target, route } = exchange
  const path = redaction.text(target.raw)
  const pairs = exchange.queryIn(world)
  const hidden = path !== target.raw && {
    params: Object.fromEntries(Object.entries(route.params).map(([name, value]) => [name, redaction.text(value)])),
    query: pairs.map(([name, value]) => [redaction.text(name), redaction.parameter(name, value)] as const),
  }
  return {
    path,
    params: hidden ? hidden.params : route.params,
    query: hidden ? hidden.query : pairs,
    requestBody: requestBodyOf(exchange, redaction, texts),
    responseBody: keepText(texts.told, answer),
  }
}

function requestBodyOf(
  { bodyBytes, bodyText, arriving }: Exchange,
  { text }: Redaction,
  { sent }: ShownTexts,
): KeptBody {
  if (sent !== '') return keepText(sent, bodyText)
  if (bodyBytes) return keepBytes(bodyBytes, text)
  if (arriving?.isKept) return keepBytes(arriving.beginning, text, arriving)
  return { text: '' }
}
