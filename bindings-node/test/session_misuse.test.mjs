// Whatever a caller gets wrong with sessions is a SessioError, never a crash; whatever a client sends
// is no error at all.

import assert from 'node:assert/strict'
import { constants } from 'node:buffer'
import { randomBytes } from 'node:crypto'
import test from 'node:test'
import { format, inspect } from 'node:util'
import { Key, LazySession, ManualClock, SessioError, Session, SessionManager, Store, generateToken } from '../index.mjs'
import { rejects } from './helpers.mjs'

function open (options) {
  return new SessionManager(new Store('memory:', { cleanupInterval: 0 }), options)
}

// A session of each kind.
const both = (manager, token) => [manager.load(token), manager.lazy(token)]

const refuses = (call, code = 'InvalidArgument') => {
  let error
  assert.throws(call, (thrown) => {
    error = thrown
    return thrown instanceof SessioError && thrown.code === code
  })
  return error
}

// Nothing of these is text, a number, a session, a key or options.
const wrong = [42n, Symbol('s'), () => {}, [], [1], true, { a: 1 }, Object.create(null), new Proxy({}, {}), new Map(),
  Promise.resolve('x'), Object.create(Key.prototype), Object.create(Session.prototype), Object.create(LazySession.prototype), Object.create(SessionManager.prototype)]
const notText = [...wrong, 7, NaN, undefined, null, new Date(), Buffer.from('x')]

test('a wrong store or option is refused by the constructor', () => {
  const store = new Store('memory:')
  for (const bad of [...notText, 'memory:', Object.create(Store.prototype)]) refuses(() => new SessionManager(bad))
  for (const options of [null, 7, 'x', { lifetime: 0 }, { lifetime: -1 }, { lifetime: NaN }, { lifetime: '1 day' },
    { lifetime: {} }, { idleTimeout: Infinity }, { touchInterval: 'x' }, { codec: 'yaml' }, { codec: null },
    { onConflict: 'retry' }, { onCorrupt: true }, { cookieName: '' }, { cookieName: 'a b' }, { cookieName: 'a=b' },
    { cookieName: '\ud800' }, { cookiePath: 'a;b' }, { cookieDomain: 'a\nb' }, { cookieSecure: 'maybe' },
    { cookieSameSite: 'none', cookieSecure: false }, { cookieName: '__Host-x', cookieSecure: false },
    { cookieName: '__Host-x', cookiePath: '/a' }, { cookieSize: 1 }, { cookie_name: 'x' }, { life: '1h' },
    { clock: new ManualClock(new Date()) }, { Lifetime: '1h' }]) {
    refuses(() => new SessionManager(store, options))
  }
  const error = refuses(() => new SessionManager(store, { lifetme: '1h' }))
  assert.match(error.message, /lifetme/)
  assert.throws(() => SessionManager(store), TypeError)
  assert.equal(new SessionManager(store, { lifetime: undefined, cookieName: 'a' }).cookieName, 'a')
})

test('a wrong token, header or session is refused', async () => {
  const manager = open()
  for (const token of notText.filter((value) => value !== undefined && value !== null)) {
    refuses(() => manager.lazy(token))
    await rejects(manager.load(token), 'InvalidArgument')
    for (const session of both(manager)) await rejects((await session).mergeFrom(token), 'InvalidArgument')
    await rejects(manager.list(1, { after: token }), 'InvalidArgument')
    await rejects(manager.listSubject(token, 1), 'InvalidArgument')
    if (Buffer.isBuffer(token)) continue
    for (const cookie of Array.isArray(token) ? [['a=b', token]] : [token, ['a=b', token]]) {
      refuses(() => manager.lazyCookie(cookie))
      await rejects(manager.loadCookie(cookie), 'InvalidArgument')
    }
    refuses(() => manager.lazyHeader(token))
    await rejects(manager.loadHeader(token), 'InvalidArgument')
  }
  refuses(() => manager.lazy('half \ud800 a pair'))
  refuses(() => manager.lazyCookie(new Uint8Array(new SharedArrayBuffer(4))))
  refuses(() => manager.lazyCookie(new Uint16Array(2)))
  for (const session of [...notText, generateToken(), Session.prototype]) {
    await rejects(manager.commit(session), 'InvalidArgument')
  }
  const another = await open().load()
  another.put('a', 1)
  await rejects(manager.commit(another), 'InvalidArgument')
  for (const limit of [...notText, '1', -1, 0, 1.5, 1001, 2 ** 53]) {
    if (limit === 7) continue
    await rejects(manager.list(limit), 'InvalidArgument')
    await rejects(manager.listSubject('ada', limit), 'InvalidArgument')
  }
  for (const options of [null, 7, { sginal: undefined }, { signal: {} }, { limit: 1 }]) {
    const session = manager.lazy()
    for (const call of [manager.load('', options), manager.loadCookie('', options), manager.loadHeader('', options), manager.commit(session, options),
      manager.list(1, options), manager.listSubject('a', 1, options),
      session.ensureLoaded(options), session.renew(options), session.destroy(options), session.mergeFrom('a', options),
      session.take('a', options)]) {
      await rejects(call, 'InvalidArgument')
    }
  }
  assert.equal(await manager.store.count(), 0)
})

test('a wrong key, end, subject or flag is refused', async () => {
  const manager = open()
  const [session, lazy] = [await manager.load(), manager.lazy()]
  for (const key of [...notText, 'half \ud800 a pair']) {
    for (const call of [() => session.put(key, 1), () => session.putFloat(key, 1), () => session.flash(key, 1), () => session.remove(key),
      () => session.increment(key), () => session.append(key, 1)]) {
      refuses(call)
    }
    for (const name of ['get', 'pop', 'take', 'contains', 'getString', 'getNumber', 'getBoolean', 'getBigInt', 'getDate', 'getBuffer']) {
      await rejects(lazy[name](key), 'InvalidArgument')
      if (name === 'take') await rejects(session[name](key), 'InvalidArgument')
      else refuses(() => session[name](key))
    }
  }
  for (const end of [...wrong, undefined, NaN, Infinity, '1h', new Date(NaN), Date.now()]) refuses(() => session.setDeadline(end))
  for (const subject of [...wrong, 7, undefined, '', 'space ', 'x'.repeat(256), '\ud800']) refuses(() => session.setSubject(subject))
  for (const flag of [undefined, null, 0, 1, 'true', {}]) refuses(() => session.rememberMe(flag))
  for (const number of [...wrong, undefined, null, '1', 1n]) refuses(() => session.putFloat('v', number))
  for (const by of [...wrong.filter((value) => typeof value !== 'bigint'), null, NaN, 0.5, -0, '1', 2 ** 53, 2n ** 63n, new Date()]) {
    refuses(() => session.increment('v', by))
  }
  for (const item of [undefined, () => {}, new Map()]) refuses(() => session.append('v', item))
  assert.equal(session.status, 'unmodified')
  for (const value of ['text', 0.5, null, { a: 1 }]) {
    session.put('v', value)
    refuses(() => session.increment('v'))
    refuses(() => session.append('v', 1))
  }
  session.put('v', 2n ** 64n - 1n)
  refuses(() => session.increment('v'))
})

test('what a session cannot hold is refused by its name, wherever it is', async () => {
  const session = await open().load()
  class Cart {}
  const taken = new Uint8Array(4)
  structuredClone(0, { transfer: [taken.buffer] })
  const revoked = Proxy.revocable({}, {})
  revoked.revoke()
  const named = {
    undefined: undefined, function: () => {}, symbol: Symbol('s'), Map: new Map(), Set: new Set(), Cart: new Cart(),
    RegExp: /x/, Error: new Error(), Promise: Promise.resolve(), Uint16Array: new Uint16Array(2),
    DataView: new DataView(new ArrayBuffer(2)), SharedArrayBuffer: new SharedArrayBuffer(2), String: Object('x'),
    'class instance': Object.create(Object.create({ constructor: undefined }))
  }
  for (const [name, value] of Object.entries(named)) {
    // Within arrays and objects it is what it is in JSON.
    const wholes = value === undefined ? [value] : [value, [value], { a: [{ b: value }] }]
    for (const whole of wholes) {
      for (const note of ['put', 'flash']) {
        assert.match(refuses(() => session[note]('v', whole)).message, new RegExp(`cannot hold (an? )?${name};`))
      }
    }
  }
  const other = [new Date(NaN), new Date(8.64e15), new Date(-62135596800001), 2n ** 64n, -(2n ** 63n) - 1n, 'half \ud800 a pair',
    { '\udc00': 1 }, taken, taken.buffer, new Uint8Array(new SharedArrayBuffer(2))]
  for (const value of other) {
    for (const whole of [value, [value], { a: value }]) refuses(() => session.put('v', whole))
  }
  assert.throws(() => session.put('v', [revoked.proxy]), TypeError)
  const thrower = { get a () { throw new RangeError('mine') } }
  assert.throws(() => session.put('v', thrower), /mine/)
  assert.equal(session.status, 'unmodified')
})

test('what has no end or no bounds is refused', async () => {
  const manager = open()
  const session = await manager.load()
  const nested = (depth) => {
    let value = []
    for (let i = 1; i < depth; i++) value = i % 2 ? { value } : [value]
    return value
  }
  session.put('v', nested(63))
  assert.deepEqual(session.get('v'), nested(63))
  for (const depth of [64, 65, 66, 1000, 100_000]) refuses(() => session.put('v', nested(depth)))
  const circle = { list: [] }
  circle.list.push(circle)
  refuses(() => session.put('v', circle))
  let doubled = [1]
  for (let i = 0; i < 60; i++) doubled = [doubled, doubled]
  refuses(() => session.put('v', doubled), 'TooLarge')
  refuses(() => session.put('v', ['x'.repeat(constants.MAX_STRING_LENGTH)]), 'TooLarge')
  assert.deepEqual(session.get('v'), nested(63))
  // Too much for the store, which is known when it is stored; the changes are kept.
  session.put('v', 'x'.repeat(1 << 21))
  session.put('k'.repeat(1 << 20), 1)
  await rejects(manager.commit(session), 'TooLarge')
  assert.equal(session.status, 'modified')
  session.clear()
  session.put('v', 'x'.repeat(1 << 19))
  const { token } = await manager.commit(session)
  const found = await manager.load(token)
  assert.equal(found.get('v').length, 1 << 19)
  assert.equal(found.values().v.length, 1 << 19)
})

test('no header that a client sends is an error, or makes a session', async () => {
  const manager = open()
  const token = generateToken()
  const many = Array.from({ length: 5000 }, (_, i) => `a${i}=${i}`).join('; ')
  const headers = ['', ' ', ';', '=', ';;;=;=;', 'session', 'session=', 'session==', 'session="', 'session=""', 'session="x',
    `session="${token}"`, `session=${token}; session=${generateToken()}`, `SESSION=${token}`, `session=${token} x`, 'session=%',
    'session=%zz', 'session=%00', 'session=%ff%fe', 'session=\0', 'session=\ud800', 'session=日本', `session=${'x'.repeat(5000)}`,
    'x'.repeat(1 << 20), `session=${'x'.repeat(1 << 20)}`, `${many}; session=${token}`, many, '\r\nSet-Cookie: a=b', 'Bearer',
    'Bearer ', 'Bearer  x', `bearer\t${token}`, "session=' OR 1=1 --"]
  const binary = Array.from({ length: 50 }, (_, size) => randomBytes(size * 37))
  for (const header of [...headers, ...headers.map((text) => Buffer.from(text)), ...binary,
    ...binary.map((bytes) => Buffer.concat([Buffer.from('session='), bytes])), new Uint8Array(0)]) {
    for (const load of ['loadCookie', 'loadHeader']) {
      const session = await manager[load](header)
      assert.equal(session.get('user'), undefined)
      assert.equal(session.isNew(), true)
      const { outcome, token, setCookie } = await manager.commit(session)
      assert.deepEqual([outcome, token, setCookie], ['unmodified', null, null])
    }
  }
  assert.equal(await manager.store.count(), 0)
  for (const strange of ['x', 'x'.repeat(1 << 20), '\0', token]) assert.equal((await manager.load(strange)).isNew(), true)
})

test('sessions are made by a manager, and methods belong to their own', async () => {
  refuses(() => new Session())
  refuses(() => new LazySession())
  refuses(() => new Session(Symbol('made by a manager'), {}, undefined, 0))
  assert.throws(() => Session(), TypeError)
  assert.throws(() => LazySession(), TypeError)
  const inherited = ['constructor', 'on', 'addListener', 'prependListener']
  for (const owner of [Session, LazySession, Object.getPrototypeOf(Session), SessionManager]) {
    for (const [name, { value, get }] of Object.entries(Object.getOwnPropertyDescriptors(owner.prototype))) {
      if (inherited.includes(name)) continue
      for (const self of [{}, Object.create(owner.prototype), new Store('memory:')]) {
        // Those with a signal reject.
        // A getter may give a method.
        const call = async () => {
          const given = (value ?? get).call(self, 'x', 1)
          return typeof given === 'function' ? given.call(self, 'x', 1) : given
        }
        await assert.rejects(call, TypeError, name)
      }
    }
  }
})

test('after the store is closed every call that needs it says so', async () => {
  const manager = open()
  const session = await manager.load()
  session.put('a', 1)
  const { token } = await manager.commit(session)
  await manager.store.close()
  await manager.store.close()
  assert.equal(session.get('a'), 1)
  session.put('b', 1)
  const fresh = await manager.load()
  fresh.put('a', 1)
  for (const call of [manager.commit(session), manager.commit(fresh), manager.lazy(token).renew(), session.destroy(),
    manager.lazy(token).get('a'), manager.load(token), manager.lazy(token).ensureLoaded(), manager.list(1), manager.listSubject('ada', 1), session.mergeFrom('other')]) {
    await rejects(call, 'Closed')
  }
  assert.equal(manager.stats().created, 1)
})

test('nothing that is printed shows a token, a key or a value', async () => {
  const manager = open({ onCorrupt: 'fail' })
  const session = await manager.load()
  session.put('name', 'secret value')
  session.setSubject('secret subject')
  const result = await manager.commit(session)
  const { sessions, next } = await manager.list(1)
  const secrets = [result.token, 'secret value', 'secret subject', sessions[0].key.toString()]
  await manager.store.save('secret token', '{"values": "secret value"}', null)
  const errors = await Promise.all([manager.lazy(result.token).getNumber('name'), manager.commit({ token: result.token }), manager.load('secret token'),
    manager.lazy('secret token').ensureLoaded(), session.mergeFrom({ token: result.token }), open().commit(session)].map((call) => call.then(() => assert.fail(), (error) => error)))
  errors.push(refuses(() => session.put('name', ['secret value', () => {}])))
  errors.push(refuses(() => session.setSubject('secret subject ')))
  assert.equal(next, null)
  const things = [manager, session, result, sessions, errors, { manager, session, result }]
  const printed = things.flatMap((thing) => [0, 2, Infinity].flatMap((depth) =>
    [inspect(thing, { depth, showHidden: true }), format('%o %O', thing, thing)]))
  printed.push(...things.filter((thing) => thing !== result && thing.result === undefined).map((thing) => JSON.stringify(thing)))
  for (const secret of [...secrets, 'secret token']) {
    assert.ok(!printed.some((text) => text?.includes(secret)), `it shows "${secret}"`)
  }
  assert.deepEqual([inspect(manager), inspect(session), inspect(manager.lazy())],
    ["SessionManager { 'memory:' }", "Session { 'unmodified' }", "LazySession { 'unmodified' }"])
})

test('data that is no session is a new one, or an error where that is wanted', async () => {
  for (const data of ['', 'no document', '[]', '{"values":7}', '{"values":{"a":{"$int":"x"}}}', randomBytes(100), '['.repeat(100_000)]) {
    const fresh = open()
    await fresh.store.save('a', data, null)
    assert.deepEqual((await fresh.load('a')).values(), {})
    assert.equal(fresh.stats().corrupt, 1)
    const strict = open({ onCorrupt: 'fail' })
    await strict.store.save('a', data, null)
    await rejects(strict.load('a'), 'Corrupt')
    await rejects(strict.lazy('a').values(), 'Corrupt')
    const [listed] = (await strict.list(1)).sessions
    for (const read of [() => listed.get('a'), () => listed.values(), () => listed.renew()]) refuses(read, 'Corrupt')
    await listed.destroy()
    assert.deepEqual(listed.values(), {})
    assert.equal(await strict.store.count(), 0)
  }
})
