import t from 'tap'
import { redactionFor } from '../src/http/secrets.ts'

const secret = 'sEcretT0kenQ7vXw2LzR9'
const own = redactionFor(['Authorization', `Bearer ${secret}`])
const others = redactionFor(['Authorization', 'Bearer another-than-it'])
const percent = (text: string) => [...text].map((letter) => `%${letter.charCodeAt(0).toString(16)}`).join('')

t.test('a credential is hidden in every way that it may be written in', (t) => {
  for (const text of [
    secret,
    percent(secret),
    percent(secret).replaceAll('%', '%25'),
    `"${secret.replace('s', '\\u0073')}"`,
    Buffer.from(secret).toString('hex'),
    Buffer.from(`user:${secret} and more`).toString('base64'),
  ]) {
    t.match(own.text(`a ${text} b`), 'sha256:', text)
    t.notMatch(own.text(`a ${text} b`), text)
  }
  t.end()
})

t.test('what its name says is a secret is hidden wherever parameters and properties stand', (t) => {
  for (const text of [
    `/device?access_token=${secret}&a=b`,
    `/device?a=b&refresh_token=${secret}`,
    `/device?%61ccess%5ft%6fken=${secret}`,
    `token=${secret}`,
    `http://a/?u=http%3A%2F%2Fb%3Fa%3Db%26access_token%3D${secret}%26c=d`,
    `http://a/?u=http%3A%2F%2Fb%3Faccess_token%3D${secret}`,
    `http://a/?u=http://b/?access_token=${secret}`,
    `https://bucket/key?X-Amz-Signature=${secret}`,
    `{"clientSecret":"${secret}"}`,
    `{"a":1,"refresh_token" : "${secret}`,
    `{"password":"${secret}\\`,
  ]) {
    t.match(others.text(text), 'sha256:', text)
    t.notMatch(others.text(text), secret)
  }
  t.match(others.text('{"token":1234567890}'), /^\{"token":"sha256:[0-9a-f]{12}"\}$/)
  for (const text of ['/device?cursor=%61b&a=b', '{"tokens":[],"key":"a"}', 'nothing=at&all'])
    t.equal(others.text(text), text)
  t.end()
})

t.test(
  'headers that are named as secrets are replaced whole, and one secret is hidden by whichever header brings it',
  (t) => {
    for (const name of ['X-Api-Key', 'X-Access-Token', 'X-Client-Secret']) {
      const [, shown] = others.headers([name, secret])
      t.match(shown, /^sha256:[0-9a-f]{12}$/, name)
    }
    t.same(others.headers(['X-Trace', 'a']), ['X-Trace', 'a'])
    redactionFor(['X-Auth-Token', `Bearer ${secret}`])
    t.notMatch(redactionFor(['Authorization', `Bearer ${secret}`]).text(`path/${secret}`), secret)
    t.end()
  },
)

t.test('a token that is called like a part of the API garbles nothing', (t) => {
  const text = '/koodrive/ose/v1/backup/device {"machineCode":"application"}'
  for (const name of ['koodrive', 'machineCode', 'application'])
    t.equal(redactionFor(['Authorization', `Bearer ${name}`]).text(text), text)
  t.end()
})
