import { mayNameSecrets, shown } from './secret-names.ts'
import { withoutParameters } from './secret-parameters.ts'
import { withoutProperties } from './secret-properties.ts'

/** The password of an address, behind the name of its user. */
const userInfo = /(:\/\/[^\s/?#@":]{0,500}:)([^\s/?#@"]{1,2000})(?=@)/g

/** Takes what its name says is a secret out of a text. Most texts have none of these names. */
export function withoutNamed(whole: string): string {
  const bare = whole.includes('://')
    ? whole.replace(userInfo, (_, before, password) => before + shown(password))
    : whole
  if (!mayNameSecrets.test(bare)) return bare
  return withoutProperties(withoutParameters(bare))
}
