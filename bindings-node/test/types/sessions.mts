// The sessions as a typed program sees them. package.test.mjs compiles and runs it.

import assert from 'node:assert/strict'
import {
  Key, LazySession, Session, SessionManager, Store,
  type CookieParts, type CommitResult, type SessionEvent, type SessionOptions, type SessionPage, type SessionStats,
  type Stored, type Value
} from 'sessio'

const store = new Store('memory:', { cleanupInterval: 0 })
const options: SessionOptions = {
  lifetime: '24h', idleTimeout: 1800e3, touchInterval: '3m', codec: 'msgpack', onConflict: 'merge',
  onCorrupt: 'fail', cookieName: 'sid', cookiePath: '/', cookieDomain: 'example.com',
  cookieSecure: true, cookieHttpOnly: true, cookieSameSite: 'strict', cookiePartitioned: false,
  cookiePersist: true, cookieSignature: 'express', cookieSecrets: ['a secret of some length']
}
export const manager = new SessionManager(store, options)
assert.equal(manager.store satisfies Store, store)
assert.equal(manager.cookieName satisfies string, 'sid')

const seen: SessionEvent[] = []
manager.on('created', () => seen.push('created')).once('renewed', () => seen.push('renewed'))
const listener = (): void => assert.fail()
manager.on('gone', listener).off('gone', listener)

const { signal } = new AbortController()
const first: Session = await manager.load()
const value: Value = [null, true, 1, 2n, 'x', Buffer.from('x'), new Uint8Array(1), new ArrayBuffer(1), new Date(), { a: [] }]
first.put('value', value)
interface Item { sku: string, count: number, tags: string[], sold?: Date }
const cart: { items: Item[], total: number | bigint } = { items: [{ sku: 'a', count: 1, tags: [] }], total: 1n }
first.put('cart', cart)
first.put('items', cart.items)
first.put('all', { cart, value, nothing: null })
first.put('literal', ['a', 1] as const)
first.put('optional', { name: 'ada', nick: undefined } satisfies { name: string, nick?: string | undefined })
first.put('sparse', ['a', undefined])
first.putFloat('price', 1)
first.put('user', 7)
first.flash('note', 'welcome')
first.setSubject('ada')
first.setSubject(null)
first.setSubject('ada')
first.rememberMe(true)
first.setDeadline(3600e3)
first.setDeadline(new Date(Date.now() + 3600e3))
const result: CommitResult = await manager.commit(first, { signal })
assert.equal(result.outcome, 'saved')
const [token, end, cookie]: [string | null, Date | null, string | null] = [result.token, result.expiresAt, result.setCookie]
assert.ok(token !== null && end !== null && cookie !== null)
const parts: CookieParts | null = result.cookie
assert.equal(parts?.domain satisfies string | null | undefined, 'example.com')
for (const [name, value] of result.headers) assert.deepEqual([typeof name, typeof value, result.wasRead], ['string', 'string', true])

const session = await manager.loadCookie(cookie.split(';', 1)[0])
assert.ok(session instanceof Session)
const some: Stored | undefined = session.get('value')
assert.ok(Array.isArray(some))
const user: number | undefined = session.getNumber('user')
const large: bigint | undefined = session.getBigInt('user')
const none: [string | undefined, boolean | undefined, Date | undefined, Buffer | undefined] = [
  session.getString('x'), session.getBoolean('x'), session.getDate('x'), session.getBuffer('x')]
assert.deepEqual([user, large, ...none], [7, 7n, undefined, undefined, undefined, undefined])
const all: Record<string, unknown> = session.values()
const notes: Record<string, Stored> = session.flashes()
const keys: string[] = session.keys()
assert.deepEqual([Object.keys(all), notes], [keys, { note: 'welcome' }])
const facts: boolean[] = [session.contains('user'), session.isNew(), session.renew()]
assert.deepEqual(facts, [true, false, true])
const popped: Stored | undefined = session.pop('user')
assert.equal(popped, 7)
const deadline: Date = session.deadline()
const subject: string | null = session.subject()
assert.deepEqual([deadline > new Date(), subject], [true, 'ada'])
await session.mergeFrom('nothing', { signal })
const taken: Stored | undefined = await session.take('note', { signal })
assert.equal(taken, 'welcome')
session.increment('visits')
session.increment('visits', 2n)
session.append('items', cart.items[0] satisfies Item | undefined ?? null)
session.remove('price')
session.clear()
const status: 'unmodified' | 'modified' | 'destroyed' = session.status
assert.equal(status, 'modified')
await manager.commit(session)

const page: SessionPage = await manager.list(10, { after: null, signal })
const mine: SessionPage = await manager.listSubject('ada', 10)
assert.deepEqual([page.sessions.length, mine.next], [1, null])
for await (const one of manager.each({ signal })) assert.ok(one.key instanceof Key)
const key: Key | null | undefined = mine.sessions[0]?.key
assert.ok(key instanceof Key)
assert.ok(key.equals(Key.parse(key.id satisfies string)))
await session.destroy()
const lazy: LazySession = manager.lazyCookie(cookie.split(';', 1)[0])
await lazy.ensureLoaded({ signal })
const later: [Stored | undefined, string | undefined, boolean, boolean, string[], Date, string | null] = [
  await lazy.get('x'), await lazy.getString('x'), await lazy.has('x'), await lazy.renew({ signal }), await lazy.keys(),
  await lazy.deadline(), await lazy.subject()]
assert.deepEqual(later.slice(0, 5), [undefined, undefined, false, true, []])
lazy.put('user', 'ada')
await manager.commit(lazy)
manager.lazy(null)
manager.lazyHeader('Bearer x')
await manager.loadHeader(Buffer.from('Bearer x'))
await manager.loadHeader(undefined)
await manager.loadCookie(['a=b', Buffer.from('b=c')] as const)
const stats: SessionStats = manager.stats()
assert.equal(stats.destroyed, 1)
assert.equal(stats.created satisfies number, 1)
await new Promise(setImmediate)
assert.deepEqual(seen, ['created', 'renewed'])

// What must not compile; it is never called.
export function wrong (): void {
  // @ts-expect-error sessions come from a manager
  void new Session()
  // @ts-expect-error a manager has a store
  void new SessionManager('memory:')
  // @ts-expect-error there is no such option
  void new SessionManager(store, { cookie_name: 'x' })
  // @ts-expect-error there is no such codec
  void new SessionManager(store, { codec: 'yaml' })
  // @ts-expect-error there is no such event
  manager.on('create', () => {})
  // @ts-expect-error a token is text
  void manager.load(7)
  // @ts-expect-error a lazy read is a promise
  if (lazy.get('user') === 'ada') return
  // @ts-expect-error undefined is no value
  session.put('user', undefined)
  // @ts-expect-error an instance of a class is none
  session.put('user', { store })
  // @ts-expect-error a function is none
  session.flash('user', [() => {}])
  // @ts-expect-error a symbol is none
  session.put('user', { a: Symbol('a') })
  // @ts-expect-error a Map is none
  session.put('user', new Map())
  // @ts-expect-error a value that was read may have any type
  void session.get('user')?.length
  // @ts-expect-error there may be none
  void session.getString('user').length
  // @ts-expect-error a deadline is no text
  session.setDeadline('1h')
  // @ts-expect-error a subject is text or null
  session.setSubject(undefined)
  // @ts-expect-error the status is the session's
  session.status = 'modified'
}
