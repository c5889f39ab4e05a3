import { Type } from '@sinclair/typebox'
import t from 'tap'
import { Refusal } from '../src/errors.ts'
import { queryOf } from '../src/http/query.ts'
import { RequestTarget } from '../src/http/request-target.ts'
import { emulatorFor, exampleDevice } from './fixtures/emulator.ts'

/** The key of the refusal that `work` throws. */
function refusalOf(work: () => unknown): string | undefined {
  try {
    work()
  } catch (error) {
    if (error instanceof Refusal) return error.key
  }
  return undefined
}

const pairsOf = (url: string) => new RequestTarget(url).pairs

const invalid = { code: 13000102, msg: 'Verify parameters failed.' }

t.test('DEC-8: a query is taken apart as it was sent', async (t) => {
  for (const [url, pairs] of [
    ['/x', []],
    ['/x?', []],
    ['/x?&&', []],
    ['/x?a', [['a', '']]],
    ['/x?a=', [['a', '']]],
    ['/x?=a', [['', 'a']]],
    ['/x?a=b=c', [['a', 'b=c']]],
    ['/x?a=1+1', [['a', '1+1']]],
    ['/x?a+b=1', [['a+b', '1']]],
    ['/x?a=%2B%20', [['a', '+ ']]],
    [
      '/x?a=%C3%BC&%61=2',
      [
        ['a', 'ü'],
        ['a', '2'],
      ],
    ],
    [
      '/x?a=?&b=/',
      [
        ['a', '?'],
        ['b', '/'],
      ],
    ],
    ['/x?__proto__=1', [['__proto__', '1']]],
    [
      '/x?a[]=1&a.b=2',
      [
        ['a[]', '1'],
        ['a.b', '2'],
      ],
    ],
  ] as const) {
    t.same(new RequestTarget(url).pairs, pairs, url)
  }
})

t.test('DEC-12: a broken percent-encoding cannot be taken apart', async (t) => {
  for (const query of ['%', 'a=%', 'a=%4', 'a=%zz', '%zz=1', 'a=%ff', 'a=%C3', 'a=%ED%A0%80', 'a=1&b=%']) {
    t.equal(new RequestTarget(`/x?${query}`).isQueryReadable, false, query)
  }
})

t.test('DEC-8: only what the contract knows is read, and only integers are numbers', async (t) => {
  const schema = Type.Object({ text: Type.String(), count: Type.Integer() })
  t.same(queryOf(schema, pairsOf('/x?count=07&other=1&text=7&toString=1&__proto__=1')), { count: 7, text: '7' })
  t.same(queryOf(schema, []), {})
  t.equal(
    refusalOf(() => queryOf(schema, pairsOf('/x?text=&text='))),
    'invalid',
  )
})

t.test('REC-4 DEC-8: listing records takes a query of this form', async (t) => {
  const { call } = await emulatorFor(t)
  const list = (query: string) => call({ method: 'GET', path: `/record?${query}` })

  t.test('pageSize is decimal digits, from 1 to 100', async (t) => {
    for (const value of ['1', '2', '99', '100', '007', '%31', '000000000000001']) {
      t.same((await list(`moduleCode=102&pageSize=${value}`)).json(), { data: [], code: 0, msg: 'success' }, value)
    }
    for (const [value, found] of [
      ['0', 'a number'],
      ['00', 'a number'],
      ['101', 'a number'],
      ['999999999999999', 'a number'],
      ['99999999999999999999', 'a string of 20'],
      ['', 'empty'],
      ['+1', 'a string of 2'],
      ['%2B1', 'a string of 2'],
      ['-1', 'a string of 2'],
      ['1.0', 'a string of 3'],
      ['1e1', 'a string of 3'],
      ['%201', 'a string of 2'],
      ['1%20', 'a string of 2'],
      ['1%0A', 'a string of 2'],
      ['0x1', 'a string of 3'],
      ['1_0', 'a string of 3'],
      ['10n', 'a string of 3'],
      ['Infinity', 'a string of 8'],
      ['%D9%A1', 'a string of 1'],
      ['null', 'a string of 4'],
      ['true', 'a string of 4'],
    ] as const) {
      const response = await list(`moduleCode=102&pageSize=${value}`)
      t.equal(response.statusCode, 400, value)
      t.same(response.json(), invalid, value)
      t.equal(
        response.headers['x-emulator-reason'],
        `query/pageSize is ${found}; expected an integer from 1 to 100 [REC-4 DEC-8]`,
        value,
      )
    }
  })

  t.test('what is mandatory, known twice, or of another form is refused', async (t) => {
    for (const [query, reason] of [
      ['', 'query/moduleCode is missing'],
      ['pageSize=1', 'query/moduleCode is missing'],
      ['moduleCode=102', 'query/pageSize is missing; expected an integer from 1 to 100'],
      ['moduleCode=102&PageSize=1', 'query/pageSize is missing'],
      ['moduleCode=102&pageSize=1&pageSize=1', 'query/pageSize was given twice; give it once [DEC-8]'],
      ['moduleCode=102&pageSize=1&page%53ize=x', 'query/pageSize was given twice; give it once [DEC-8]'],
      ['moduleCode=102&moduleCode=102&pageSize=1', 'query/moduleCode was given twice; give it once [DEC-8]'],
      ['moduleCode=102&pageSize=1&cursor=&cursor=', 'query/cursor was given twice; give it once [DEC-8]'],
      ['moduleCode=102&pageSize=1&deviceId=a&deviceId=a', 'query/deviceId was given twice; give it once [DEC-8]'],
      ['moduleCode=102&pageSize=1&deviceId=', 'query/deviceId is empty; expected a string matching'],
      [`moduleCode=102&pageSize=1&deviceId=${'d'.repeat(65)}`, 'query/deviceId is a string of 65'],
      ['moduleCode=102&pageSize=1&deviceId=a+b', 'query/deviceId is a string of 3'],
      [
        `moduleCode=102&pageSize=1&cursor=${'c'.repeat(1001)}`,
        'query/cursor is a string of 1001; expected a string of',
      ],
      [`moduleCode=102&pageSize=1&cursor=${'c'.repeat(1000)}`, 'query/cursor was not made for this list'],
      [`moduleCode=102&pageSize=1&cursor=${'c'.repeat(999)}`, 'query/cursor was not made for this list'],
      ['moduleCode=102&pageSize=1&cursor=', 'query/cursor is empty; leave it out on the first page'],
    ] as const) {
      const response = await list(query)
      t.same(response.json(), invalid, query)
      t.ok(String(response.headers['x-emulator-reason']).startsWith(reason), `${query}: ${reason}`)
    }
  })

  t.test('what nobody knows is ignored, be it there twice', async (t) => {
    for (const more of ['x=1&x=2', 'constructor=1', '__proto__=1&__proto__=2', 'cursor[]=1', '=', 'sort=+']) {
      t.equal((await list(`moduleCode=102&pageSize=1&${more}`)).json().code, 0, more)
    }
  })

  t.test('DEC-12: a broken percent-encoding is malformed, wherever it stands', async (t) => {
    for (const query of ['moduleCode=%zz&pageSize=1', 'moduleCode=102&pageSize=1&x=%', '%ff=1&pageSize=0']) {
      const response = await list(query)
      t.equal(response.statusCode, 400)
      t.same(response.json(), { code: 13000101, msg: 'Bad Request' }, query)
      t.match(response.headers['x-emulator-reason'], 'query has a broken percent-encoding')
    }
  })
})

t.test(
  'DEC-1: a query that cannot be read comes first, then Authorization, then the path, then the query',
  async (t) => {
    const { call } = await emulatorFor(t)
    const read = (path: string, headers = {}) => call({ method: 'GET', path, headers })
    const both = '/device/a.b/scope?moduleCode=1'
    t.match((await read(both)).headers['x-emulator-reason'], 'path/deviceId')
    t.equal((await read(both, { authorization: 'none' })).statusCode, 401)
    t.equal((await read('/device/a/scope?moduleCode=%', { authorization: 'none' })).json().code, 13000101)
  },
)

t.test(
  'DEC-8: an operation without a query ignores any, and one with a body does not read it from the query',
  async (t) => {
    const { call } = await emulatorFor(t)
    const path = `/device/${exampleDevice}/scope?moduleCode=102&scopeList=1`
    t.same((await call({ path, body: { scopeList: [{ localPath: '/a' }] } })).json(), invalid)
    const good = { moduleCode: '102', scopeList: [{ localPath: '/a' }] }
    t.equal((await call({ path: `${path}&moduleCode=7`, body: good })).json().code, 0)
  },
)
