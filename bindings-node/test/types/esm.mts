// The whole API as a typed program sees it. package.test.mjs compiles and runs it.

import assert from 'node:assert/strict'
import {
  Key, ManualClock, SessioError, Store, generateToken,
  type Data, type Entry, type ErrorCode, type Expires, type CheckIssue, type Page, type Row,
  type SessionRecord, type Stats, type StoreOptions
} from 'sessio'

/** Compiles only if both types are the same. */
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends (<T>() => T extends B ? 1 : 2) ? true : never
const is = <A, B>(_: Same<A, B>): void => {}

const clock = new ManualClock(new Date('2024-01-01T00:00:00Z'))
const options: StoreOptions = {
  table: 'sessions', hashTokens: true, cleanupInterval: 0, timeout: '2s', connections: 4,
  maxData: 1000, maxSessions: 100, maxBytes: 10_000, tls: 'off', clock
}
export const encrypted: StoreOptions = { tls: 'verify-identity', ca: 'ca.pem' }
export const store = new Store('memory:', options)
const token: string = generateToken()
const { signal } = new AbortController()

const save: Promise<void> = store.save(token, Buffer.from('data'), new Date(Date.now()))
await save
await store.save(token, new Uint8Array(3), 1000, { subject: 'ada', signal })
await store.save(token, 'text', null, { subject: null })
await store.delete(token, { signal })
await store.insert(token, 'text', 3600e3, { subject: 'ada' })

const record = await store.find(token, { signal })
is<typeof record, SessionRecord | null>(true)
if (record !== null) {
  const data: Buffer = record.data
  is<typeof record.expiresAt, Date | null>(true)
  is<typeof record.subject, string | null>(true)
  const outcome = await store.replace(token, data, 'new', record.expiresAt)
  is<typeof outcome, 'saved' | 'conflict' | 'gone'>(true)
  assert.equal(outcome, 'saved')
}

const page: Page = await store.list(10)
for (const { key, data, expiresAt, subject } of page.entries satisfies Entry[]) {
  const text: string = `${key}`
  assert.ok(key.equals(new Key(text)))
  const yes: boolean = await store.update(key, data, expiresAt, { subject })
  const touched: boolean = await store.touch(key, 1000)
  assert.ok(yes && touched)
}
const next: Page = await store.listSubject('ada', 10, { after: page.next, signal })
assert.equal(next.entries.length, 1)

const renamed: boolean[] = [
  await store.rename(token, 'b'),
  await store.rename('b', 'c', { signal }),
  await store.rename('c', token, { data: 'd', expires: null, subject: '', signal })
]
assert.deepEqual(renamed, [true, true, true])

const rows: Row[] = [{ token, data: 'x' satisfies Data, expires: null satisfies Expires }]
await store.saveMany(rows)
const records: Array<SessionRecord | null> = await store.findMany([token, 'x'] as const)
const numbers: number[] = [
  records.length, await store.deleteMany([token]), await store.count(),
  await store.deleteSubject('ada', { keep: token }), await store.deleteExpired(10)
]
assert.deepEqual(numbers, [2, 1, 0, 0, 0])
await store.migrate()
await store.migrateFrom('scs', { signal })
await store.ping({ signal })
const issues: CheckIssue[] = await store.check()
const stats: Stats = await store.stats()
assert.equal(issues.length + stats.cleanupErrors, 0)
const location: string = store.location
assert.equal(location, 'memory:')

try {
  await store.list(0)
  assert.fail()
} catch (error) {
  if (!(error instanceof SessioError)) throw error
  is<typeof error.code, ErrorCode>(true)
  const what: [boolean, number | null, string | null] = [error.retryable, error.errno, error.sqlState]
  assert.deepEqual([error.code, ...what], ['InvalidArgument', false, null, null])
}

await store.stopCleanup()
await store.close()
const disposable: AsyncDisposable = store
await disposable[Symbol.asyncDispose]()

// What must not compile; it is never called.
export function wrong (): void {
  // @ts-expect-error a token is text
  void store.find(7)
  // @ts-expect-error bytes are no token
  void store.find(Buffer.from('token'))
  // @ts-expect-error an end must be given, and be it null
  void store.save(token, 'data')
  // @ts-expect-error text is no end
  void store.save(token, 'data', '1h')
  // @ts-expect-error data is no object
  void store.save(token, { a: 1 }, null)
  // @ts-expect-error a misspelt option
  void store.save(token, 'data', null, { subjct: 'ada' })
  // @ts-expect-error data comes with an end
  void store.rename(token, 'b', { data: 'x' })
  // @ts-expect-error a page starts after a key
  void store.list(10, { after: 'text' })
  // @ts-expect-error there is no such option
  void new Store('memory:', { tabel: 'x' })
  // @ts-expect-error there is no such way
  void new Store('memory:', { tls: 'on' })
  // @ts-expect-error a record may be null
  void store.find(token).then(({ data }) => data)
  // @ts-expect-error the location is the store's
  store.location = 'x'
  // @ts-expect-error errors are made by sessio
  void new SessioError('Closed', 'x')
  // @ts-expect-error there is no such kind
  void ((new Error() as SessioError).code === 'Nope')
}
