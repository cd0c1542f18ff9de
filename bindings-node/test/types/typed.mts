// What a typed program says once of its sessions. package.test.mjs compiles and runs it.

import assert from 'node:assert/strict'
import { SessionManager, Store, type LazySession, type Session, type Stored } from 'sessio'

/** Compiles only if both types are the same. */
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends (<T>() => T extends B ? 1 : 2) ? true : never
const is = <A, B>(_: Same<A, B>): void => {}

interface Profile { name: string, born: Date, nick?: string | undefined }

// For all managers that say nothing else.
declare module 'sessio' {
  interface SessionData {
    profile?: Profile
    history?: string[]
  }
}

// For one kind of sessions.
interface Admin { level: number, rights: Array<{ on: string }> }

const store = new Store('memory:', { cleanupInterval: 0 })
const manager = new SessionManager(store)
const session: Session = await manager.load()
session.put('profile', { name: 'ada', born: new Date(5) })
session.append('history', '/shop')
session.put('anything', { else: [1] })
const profile = session.get('profile')
is<typeof profile, Profile | undefined>(true)
assert.equal(profile?.name, 'ada')
profile.nick = 'countess'
const history = session.get('history')
is<typeof history, string[] | undefined>(true)
history?.push('/cart')
const other = session.get('anything')
is<typeof other, Stored | undefined>(true)
const all = session.values()
assert.deepEqual([all.profile?.nick, all.history?.length, Object.keys(all)], ['countess', 2, ['anything', 'history', 'profile']])
const key: string = 'chosen at run time'
session.put(key, 1)
const chosen = session.get(key)
is<typeof chosen, Stored | undefined>(true)
const { token } = await manager.commit(session)
assert.ok(token !== null)

const lazy: LazySession = manager.lazy(token)
const later = lazy.get('profile')
is<typeof later, Promise<Profile | undefined>>(true)
assert.equal((await later)?.nick, 'countess')
const taken = await lazy.take('history')
is<typeof taken, string[] | undefined>(true)
lazy.assign({ profile: { name: 'bob', born: new Date(5) }, more: 1 })
const done = await manager.transact(token, async (session) => session.get('profile')?.name)
is<typeof done, { value: string | undefined, result: import('sessio').CommitResult } | null>(true)
for await (const one of manager.each()) is<typeof one, Session>(true)

const admins = new SessionManager<Admin>(store, { cookieName: 'admin' })
const admin = await admins.load()
admin.put('level', 3)
admin.put('rights', [{ on: 'all' }])
const level = admin.get('level')
is<typeof level, number | undefined>(true)
const rights: Admin['rights'] | undefined = admin.pop('rights')
assert.deepEqual([level, rights], [3, [{ on: 'all' }]])
admin.append('rights', { on: 'some' })
const snapshot = admin.snapshot()
is<typeof snapshot.level, number | undefined>(true)
for await (const one of admins.eachSubject('ada')) is<typeof one, Session<Admin>>(true)

// What must not compile; it is never called.
export function wrong (): void {
  // @ts-expect-error a declared value has its type
  session.put('profile', { name: 'ada' })
  // @ts-expect-error another one is none
  session.put('profile', 7)
  // @ts-expect-error nor is nothing
  session.put('profile', undefined)
  // @ts-expect-error an item has the type of the list's
  session.append('history', 7)
  // @ts-expect-error what is no list has no items
  session.append('profile', 'x')
  // @ts-expect-error there may be none
  void session.get('profile').name
  // @ts-expect-error what is not declared may be anything
  void session.get('anything')?.length
  // @ts-expect-error it is still no value
  session.put('anything', new Map())
  // @ts-expect-error of another manager's kind
  admin.put('level', 'high')
  // @ts-expect-error declared values keep their types
  session.assign({ profile: 7 })
  // @ts-expect-error a session has no such property
  session.user = 'ada'
}
