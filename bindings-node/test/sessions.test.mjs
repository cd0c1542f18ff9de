// What sessions are in JavaScript, beyond what the vectors say of them in every language.

import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import test from 'node:test'
import { runInNewContext } from 'node:vm'
import { Key, ManualClock, SessioError, SessionManager, Store } from '../index.mjs'
import { mysqlUrl, rejects, silentServer } from './helpers.mjs'

const START = new Date('2024-01-01T00:00:00Z')

function open (options, clock = new ManualClock(START)) {
  const store = new Store('memory:', { cleanupInterval: 0, clock })
  return new SessionManager(store, options)
}

const isRefused = (message) => (error) =>
  error instanceof SessioError && error.code === 'InvalidArgument' && message.test(error.message)

// What comes back when a session with this value is loaded again.
async function again (value, manager = open()) {
  const session = await manager.load()
  session.put('v', value)
  const { token } = await manager.commit(session)
  return (await manager.load(token)).get('v')
}

test('a browser logs in, comes back, and logs out', async (t) => {
  const manager = open({ cookieSecure: false })
  const server = createServer(async (request, response) => {
    const session = await manager.loadCookie(request.headers.cookie)
    if (request.url === '/login') {
      session.renew()
      session.put('user', 'ada')
    }
    if (request.url === '/logout') await session.destroy()
    const user = session.getString('user')
    response.setHeader('Cache-Control', 'private')
    for (const [name, value] of (await manager.commit(session)).headers) response.appendHeader(name, value)
    response.end(user ?? 'anonymous')
  })
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.after(() => server.close())
  let cookie = ''
  const visit = async (path) => {
    const response = await fetch(`http://127.0.0.1:${server.address().port}${path}`, { headers: { cookie } })
    const [set] = response.headers.getSetCookie()
    if (set !== undefined) cookie = set.split(';', 1)[0]
    const [cache, vary] = [response.headers.get('cache-control'), response.headers.get('vary')]
    assert.deepEqual([cache, vary], [set === undefined ? 'private' : 'private, no-cache="Set-Cookie"', 'Cookie'])
    return [await response.text(), set !== undefined]
  }
  assert.deepEqual(await visit('/'), ['anonymous', false])
  assert.deepEqual(await visit('/login'), ['ada', true])
  const stolen = cookie
  assert.deepEqual(await visit('/'), ['ada', false])
  assert.deepEqual(await visit('/logout'), ['anonymous', true])
  assert.equal(cookie, 'session=')
  cookie = stolen
  assert.deepEqual(await visit('/'), ['anonymous', false])
})

test('the token comes from text, a cookie or a header, or there is none', async () => {
  const manager = open()
  const session = await manager.load()
  session.put('user', 7)
  assert.equal(session.token, null)
  const { token } = await manager.commit(session)
  assert.equal(session.token, token)
  const views = [await manager.load(token), await manager.loadCookie(`a=b; session=${token}`),
    await manager.loadCookie(Buffer.from(`session=${token}`)), await manager.loadHeader(token),
    await manager.loadHeader(`Bearer ${token}`), await manager.loadHeader(Buffer.from(`bearer ${token}`))]
  views.push(await manager.loadCookie(['a=b', `session=${token}`]), await manager.loadCookie([Buffer.from('session=x'), `b=c; session=${token}`]))
  for (const view of views) assert.equal(view.getNumber('user'), 7)
  for (const view of [await manager.load(), await manager.load(null), await manager.load(undefined), await manager.load(''),
    await manager.loadCookie(), await manager.loadCookie(null), await manager.loadCookie([]), await manager.loadCookie([null, '']), await manager.loadHeader(), await manager.loadHeader(null)]) {
    assert.equal(view.token, null)
    assert.equal(view.isNew(), true)
    assert.equal(view.get('user'), undefined)
  }
})

test('a request without a session does not ask the store', async (t) => {
  const store = new Store(await silentServer(t), { timeout: 300 })
  const manager = new SessionManager(store)
  for (const session of [await manager.load(), await manager.loadCookie('a=b'), await manager.loadHeader('')]) {
    assert.equal(session.get('user'), undefined)
    assert.equal((await manager.commit(session)).outcome, 'unmodified')
  }
  const lazy = manager.lazyCookie('a=b')
  assert.deepEqual([await lazy.get('user'), await lazy.isNew()], [undefined, true])
  assert.equal((await store.stats()).connections, 0)
  await assert.rejects(manager.load('some token'), { retryable: true })
  await assert.rejects(manager.lazy('some token').get('user'), { retryable: true })
  assert.equal(manager.lazy('some token').status, 'unmodified')
})

test('what is loaded is a plain value, whatever becomes of the store', async () => {
  const store = new Store(mysqlUrl('loaded'))
  await store.migrate()
  const manager = new SessionManager(store)
  const first = await manager.load()
  first.put('user', 'ada')
  first.setSubject('ada')
  first.flash('note', 'hello')
  const { token } = await manager.commit(first)
  const session = await manager.load(token)
  const [listed] = (await manager.list(1)).sessions
  await store.close()
  const facts = (view) => [view.get('user'), view.has('user'), view.contains('x'), view.keys(), view.values(), view.subject(),
    view.isNew(), view.flashes(), view.deadline() > new Date(), view.renew(), view.pop('user'), view.get('user')]
  const wanted = ['ada', true, false, ['user'], { user: 'ada' }, 'ada', false, { note: 'hello' }, true, true, 'ada', undefined]
  assert.deepEqual(facts(session), wanted)
  assert.deepEqual(facts(listed), wanted)
  await rejects(manager.commit(session), 'Closed')
  assert.equal(session.get('user'), undefined)
})

test('a lazy session has the same answers as promises', async () => {
  const manager = open()
  const first = await manager.load()
  for (const [key, value] of Object.entries({ s: 'text', n: 7, b: true, d: new Date(5), u: Buffer.from('x'), a: [1] })) first.put(key, value)
  first.flash('note', 'hello')
  const { token } = await manager.commit(first)
  for (const [name, ...args] of [['get', 'a'], ['getString', 's'], ['getNumber', 'n'], ['getBoolean', 'b'], ['getBigInt', 'n'],
    ['getDate', 'd'], ['getBuffer', 'u'], ['has', 's'], ['contains', 'x'], ['keys'], ['values'], ['flashes'], ['deadline'],
    ['subject'], ['isNew'], ['expiresAt'], ['remembered'], ['idleTimeout'], ['extra', 'x'], ['renew'], ['regenerate'], ['pop', 's']]) {
    const lazy = manager.lazy(token)[name](...args)
    assert.ok(lazy instanceof Promise, name)
    assert.deepEqual(await lazy, (await manager.load(token))[name](...args), name)
  }
})

test('numbers keep what they are', async () => {
  for (const number of [0, 1, -1, 2 ** 53 - 1, 1 - 2 ** 53, 2 ** 53, 2 ** 63, -(2 ** 64), 1e20, 1e21, 1e300, 0.1,
    -2.5, 5e-324, NaN, Infinity, -Infinity, -0]) {
    for (const [value, wanted] of [[number, number], [[number], [number]], [{ a: number }, { a: number }]]) {
      assert.deepEqual(await again(value), wanted)
    }
  }
  for (const integer of [2n ** 53n, -(2n ** 53n), 2n ** 63n - 1n, -(2n ** 63n), 2n ** 64n - 1n]) {
    assert.deepEqual(await again([integer]), [integer])
    assert.equal(await again(integer), integer)
  }
  // There is one integer 7, whatever it was said with.
  assert.deepEqual(await again([7n, -0n]), [7, 0])
  assert.equal(await again(2n ** 53n - 1n), 2 ** 53 - 1)
})

test('bytes, dates and objects of all sorts', async () => {
  const bytes = Buffer.from([0, 1, 255])
  for (const value of [bytes, new Uint8Array(bytes), new Uint8Array(bytes).buffer, Buffer.from([9, 0, 1, 255]).subarray(1)]) {
    for (const found of [await again(value), (await again([value]))[0]]) {
      assert.ok(Buffer.isBuffer(found))
      assert.deepEqual(found, bytes)
    }
  }
  for (const millis of [0, -1, 1704067200123, -62135596800000, 253402300799999]) {
    assert.deepEqual(await again([new Date(millis)]), [new Date(millis)])
    assert.deepEqual(await again(new Date(millis)), new Date(millis))
  }
  const manager = open()
  const late = await manager.load()
  late.put('v', new Date(253402300799999))
  late.put('w', [new Date(253402300799999)])
  const { data } = await manager.store.find((await manager.commit(late)).token)
  assert.deepEqual(JSON.parse(data).values, {
    v: { $time: '9999-12-31T23:59:59.999000Z' }, w: [{ $time: '9999-12-31T23:59:59.999000Z' }]
  })
  const bare = Object.assign(Object.create(null), { a: 1 })
  assert.deepEqual(await again(bare), { a: 1 })
  assert.deepEqual(await again(runInNewContext('({ a: [new Date(0), "x"] })')), { a: [new Date(0), 'x'] })
  assert.deepEqual(await again(new Proxy({ a: 1 }, {})), { a: 1 })
  assert.deepEqual(await again({ [Symbol('s')]: 1, get b () { return 2 } }), { b: 2 })
  assert.deepEqual(await again({ toJSON: 'text' }), { toJSON: 'text' })
  for (const value of [{ $int: '5' }, { $map: { $map: 1 } }, { $a: 1, b: 2 }, [{ $bytes: 'AA==' }], '{"$int":"5"}']) {
    assert.deepEqual(await again(value), value)
  }
})

test('a key of any name is the object\'s own and pollutes nothing', async () => {
  const evil = JSON.parse('{"__proto__": {"polluted": true}, "constructor": {"prototype": 1}}')
  for (const value of [evil, { deep: [evil] }, JSON.parse('{"__proto__": 1}'), { ...evil, n: 2n ** 60n }]) {
    assert.deepEqual(await again(value), value)
  }
  const manager = open()
  const session = await manager.load()
  session.put('__proto__', { polluted: true })
  session.put('', 1)
  session.flash('__proto__', 2)
  const { token } = await manager.commit(session)
  const view = await manager.load(token)
  assert.deepEqual(Object.entries(view.values()), [['', 1], ['__proto__', { polluted: true }]])
  assert.deepEqual(Object.entries(view.flashes()), [['__proto__', 2]])
  assert.equal({}.polluted, undefined)
})

test('undefined is what it is in JSON', async () => {
  for (const value of [{ a: undefined, b: 1 }, { a: undefined }, { $int: undefined }, [1, undefined], new Array(2),
    { a: [{ b: undefined, $c: 'd' }] }, { $int: '5', b: undefined }]) {
    assert.deepEqual(await again(value), JSON.parse(JSON.stringify(value)))
  }
})

test('changes that are merged as what they do', async () => {
  const manager = open()
  const session = await manager.load()
  session.increment('visits')
  session.increment('visits', 2n)
  session.increment('visits', -1)
  session.append('cart', { sku: 'tea', when: new Date(5) })
  session.append('cart', 2n ** 60n)
  const { token } = await manager.commit(session)
  const views = [await manager.load(token), await manager.load(token)]
  for (const view of views) {
    view.increment('visits', 10)
    view.append('cart', 'coffee')
    await manager.commit(view)
  }
  const found = await manager.load(token)
  assert.equal(found.get('visits'), 22)
  assert.deepEqual(found.get('cart'), [{ sku: 'tea', when: new Date(5) }, 2n ** 60n, 'coffee', 'coffee'])
})

test('what is taken is taken once', async () => {
  const store = new Store(mysqlUrl('taken'))
  await store.migrate()
  for (const manager of [open(), new SessionManager(store)]) {
    const session = await manager.load()
    session.put('code', ['secret'])
    session.flash('note', 'once')
    const { token } = await manager.commit(session)
    for (const [key, value] of [['code', ['secret']], ['note', 'once']]) {
      const taken = await Promise.all(Array.from({ length: 8 }, () => manager.lazy(token).take(key)))
      assert.deepEqual(taken.filter((found) => found !== undefined), [value])
    }
    assert.equal(await (await manager.load(token)).take('code'), undefined)
    assert.deepEqual((await manager.load(token)).flashes(), {})
  }
  await store.close()
})

test('a transaction is made again until it is the first', async () => {
  const store = new Store(mysqlUrl('transact'))
  await store.migrate()
  for (const manager of [open(), new SessionManager(store)]) {
    const first = await manager.load()
    first.put('credit', 5)
    const { token } = await manager.commit(first)
    let runs = 0
    const pay = () => manager.transact(token, async (session) => {
      runs++
      const credit = session.getNumber('credit')
      await new Promise(setImmediate)
      if (credit >= 2) session.put('credit', credit - 2)
      return credit >= 2
    })
    const done = await Promise.all(Array.from({ length: 5 }, pay))
    assert.deepEqual(done.map(({ value }) => value).sort(), [false, false, false, true, true])
    assert.deepEqual(done.map(({ result }) => result.outcome).sort(), ['saved', 'saved', 'unmodified', 'unmodified', 'unmodified'])
    assert.ok(runs > 5)
    assert.equal((await manager.load(token)).get('credit'), 1)
    // What it throws is passed on, and nothing is stored.
    const thrown = manager.transact(token, (session) => {
      session.put('credit', 100)
      throw new RangeError('mine')
    })
    await assert.rejects(thrown, /mine/)
    assert.equal((await manager.load(token)).get('credit'), 1)
    // It ends in one, and is not there for another.
    const ended = await manager.transact(token, (session) => session.destroy())
    assert.equal(ended.result.outcome, 'destroyed')
    assert.equal(await manager.transact(token, () => assert.fail()), null)
    const late = await manager.load()
    late.put('a', 1)
    const { token: another } = await manager.commit(late)
    assert.equal(await manager.transact(another, async (session) => {
      session.put('a', 2)
      await (await manager.load(another)).destroy()
    }), null)
    for (const bad of [undefined, 7, {}]) {
      await rejects(manager.transact(token, bad), 'InvalidArgument')
      await rejects(manager.transact(bad, () => {}), 'InvalidArgument')
    }
    await rejects(manager.transact(token, () => {}, { sginal: 1 }), 'InvalidArgument')
    await assert.rejects(manager.transact(token, () => {}, { signal: AbortSignal.abort(new Error('enough')) }), /enough/)
  }
  await store.close()
})

test('what frameworks with ids of their own need', async () => {
  const manager = open()
  const made = manager.create('an id of the framework')
  assert.equal(made.token, 'an id of the framework')
  assert.equal(await manager.find('an id of the framework'), null)
  made.storeEmpty()
  assert.equal(made.expiresAt(), null)
  assert.equal((await manager.commit(made)).outcome, 'saved')
  assert.equal((await manager.find('an id of the framework')).expiresAt().getTime(), START.getTime() + 24 * 3600e3)
  const again = manager.create('an id of the framework')
  again.put('user', 'eve')
  const { outcome, setCookie } = await manager.commit(again)
  assert.deepEqual([outcome, setCookie], ['conflict', null])
  const session = await manager.load()
  const token = await session.ensureToken()
  session.put('user', 'ada')
  session.flash('note', 'x')
  assert.equal((await manager.commit(session)).token, token)
  const view = await manager.load(token)
  assert.equal(view.regenerate(), true)
  assert.deepEqual(view.values(), {})
  view.put('user', 'bob')
  const result = await manager.commit(view)
  assert.notEqual(result.token, token)
  assert.deepEqual((await manager.find(result.token)).values(), { user: 'bob' })
  assert.equal(await manager.find(token), null)
  for (const bad of [7, null, undefined, {}, '\ud800', '']) {
    assert.throws(() => manager.create(bad), isRefused(/./))
    if (bad !== '') await rejects(manager.find(bad), 'InvalidArgument')
  }
})

test('what is sent is data too', async () => {
  const manager = open({ cookieDomain: 'example.com', cookieSameSite: 'none', cookiePartitioned: true, idleTimeout: 1800e3 })
  const session = await manager.load()
  session.put('user', 'ada')
  const result = await manager.commit(session)
  const end = new Date(START.getTime() + 1800e3)
  assert.deepEqual({ ...result, setCookie: null }, {
    outcome: 'saved',
    token: session.token,
    expiresAt: end,
    setCookie: null,
    cookie: {
      name: 'session', value: session.token, path: '/', domain: 'example.com', expires: new Date(+end + 1000), maxAge: 1801e3,
      secure: true, httpOnly: true, sameSite: 'none', partitioned: true
    },
    headers: [['Set-Cookie', result.setCookie], ['Cache-Control', 'no-cache="Set-Cookie"'], ['Vary', 'Cookie']],
    wasRead: true
  })
  // Loading alone reads nothing.
  const view = await manager.load(session.token)
  const { headers, wasRead } = await manager.commit(view)
  assert.deepEqual([headers, wasRead], [[], false])
  view.has('user')
  assert.deepEqual((await manager.commit(view)).headers, [['Vary', 'Cookie']])
})

test('what adapters of frameworks need beside the values', async () => {
  const clock = new ManualClock(START)
  const manager = open({ lifetime: 24 * 3600e3, idleTimeout: 1800e3, cookiePersist: true }, clock)
  const session = await manager.load()
  assert.deepEqual([session.idleTimeout(), session.remembered(), session.extra('web.cookie')], [null, null, undefined])
  session.put('user', 'ada')
  session.setIdleTimeout(600e3)
  session.rememberMe(false)
  session.setExtra('web.cookie', { maxAge: 5, when: new Date(5) })
  session.setExtra('web.none', null)
  session.setExtra('web.gone', 1)
  session.setExtra('web.gone', undefined)
  const { token, cookie, expiresAt } = await manager.commit(session)
  assert.deepEqual([cookie.maxAge, cookie.expires, expiresAt - START], [null, null, 600e3])
  for (const view of [await manager.load(token), manager.lazy(token)]) {
    assert.deepEqual([await view.idleTimeout(), await view.remembered()], [600e3, false])
    assert.deepEqual([await view.extra('web.cookie'), await view.extra('web.none'), await view.extra('web.gone')],
      [{ maxAge: 5, when: new Date(5) }, null, undefined])
    assert.deepEqual(await view.values(), { user: 'ada' })
  }
  clock.advance(1000)
  const touched = await manager.load(token)
  touched.touch()
  assert.equal((await manager.commit(touched)).expiresAt - START, 601e3)
  touched.setIdleTimeout(null)
  touched.rememberMe(true)
  touched.clear()
  assert.notEqual((await manager.commit(touched)).expiresAt - START, 601e3)
  assert.deepEqual([touched.idleTimeout(), touched.remembered(), touched.extra('web.cookie').maxAge], [null, true, 5])
  for (const bad of [-1, NaN, Infinity, '10m', undefined, 1n]) assert.throws(() => touched.setIdleTimeout(bad), isRefused(/idle timeout/))
  assert.throws(() => touched.setExtra('web.x', { a: [() => {}] }), isRefused(/^"web\.x"\.a\[0\]: /))
  assert.throws(() => touched.setExtra(7, 1), isRefused(/the name/))
})

test('a listed session is found again by its key, and a store is cleared', async () => {
  const store = new Store(mysqlUrl('found'))
  await store.migrate()
  for (const manager of [open(), new SessionManager(store)]) {
    for (let number = 0; number < 5; number++) {
      const session = await manager.load()
      session.put('number', number)
      await manager.commit(session)
    }
    const { sessions: [listed] } = await manager.list(1)
    const found = await manager.find(Key.parse(listed.key.id))
    assert.ok(listed.key.equals(found.key))
    assert.match(listed.key.id, /^sessio-key:[\w-]{43}$/)
    assert.equal(await manager.find(listed.key.id), null)
    for (const bad of ['', 'abc', `${listed.key}`, 'sessio-key:', 7, undefined]) assert.throws(() => Key.parse(bad), isRefused(/./))
    assert.equal(found.get('number'), listed.get('number'))
    assert.equal(found.token, null)
    await found.destroy()
    assert.equal(await manager.find(listed.key), null)
    assert.equal(await manager.store.clear(), 4)
    assert.equal(await manager.store.count(), 0)
    assert.equal(await manager.store.clear(), 0)
    await rejects(manager.store.clear(7), 'InvalidArgument')
  }
  await store.close()
})

test('a cookie is signed as other programs of Node sign theirs', async () => {
  const sign = (text, secret) => createHmac('sha256', secret).update(text).digest('base64').replace(/=+$/, '')
  const [first, older] = ['the first secret of this program', 'an older secret of this program']
  const forms = { express: (token, secret) => `s:${token}.${sign(token, secret)}`, fastify: (token, secret) => `${token}.${sign(token, secret)}` }
  for (const [cookieSignature, form] of Object.entries(forms)) {
    const manager = open({ cookieName: 'connect.sid', cookieSignature, cookieSecrets: [first, older] })
    const session = await manager.load()
    session.put('user', 'ada')
    const { token, cookie, setCookie } = await manager.commit(session)
    assert.equal(decodeURIComponent(cookie.value), form(token, first))
    assert.ok(setCookie.startsWith(`connect.sid=${cookie.value};`))
    for (const secret of [first, older]) {
      const found = await manager.loadCookie(`connect.sid=${encodeURIComponent(form(token, secret))}`)
      assert.equal(found.get('user'), 'ada')
    }
    for (const value of [token, form(token, 'a secret of another program'), form(`${token}x`, first).replace('x.', '.')]) {
      assert.equal((await manager.loadCookie(`connect.sid=${encodeURIComponent(value)}`)).isNew(), true)
    }
  }
  for (const cookieSecrets of [['short'], [7], ['a secret with a line\nbreak in it'], [], undefined, 7]) {
    assert.throws(() => open({ cookieSignature: 'express', cookieSecrets }), isRefused(/secret/i))
  }
  assert.throws(() => open({ cookieSignature: 'rails', cookieSecrets: [first] }), isRefused(/express or fastify/))
})

test('typed reads give that type, undefined, or refuse', async () => {
  const session = await open().load()
  const values = {
    getString: ['text'],
    getNumber: [7, 0.5, 2 ** 53 - 1],
    getBoolean: [true],
    getBigInt: [2n ** 60n],
    getDate: [new Date(5)],
    getBuffer: [Buffer.from('x')],
    none: [null, [1], { a: 1 }]
  }
  for (const reader of Object.keys(values).filter((name) => name !== 'none')) {
    assert.equal(session[reader]('absent'), undefined)
    for (const [owner, list] of Object.entries(values)) {
      for (const value of list) {
        session.put('v', value)
        if (owner === reader) assert.deepEqual(session[reader]('v'), value)
        else if (reader === 'getBigInt' && Number.isInteger(value)) assert.equal(session.getBigInt('v'), BigInt(value))
        else assert.throws(() => session[reader]('v'), isRefused(/"v" is of kind/))
      }
    }
  }
  session.putFloat('v', 7)
  assert.equal(session.getNumber('v'), 7)
  assert.throws(() => session.getBigInt('v'), isRefused(/"v" is of kind float/))
})

test('an end is a date, milliseconds from now, or never', async () => {
  const clock = new ManualClock(START)
  const session = await open({ lifetime: 3600e3 }, clock).load()
  clock.advance(1000)
  const cases = [[5000, START.getTime() + 6000], [new Date(7), 7], [null, Date.parse('9999-12-31T23:59:59.999Z')]]
  for (const [deadline, wanted] of cases) {
    session.setDeadline(deadline)
    assert.equal(session.deadline().getTime(), wanted)
  }
})

test('durations are milliseconds, or text as in a URL', async () => {
  for (const lifetime of [7200e3, '2h', '7200', '7200000ms']) {
    const session = await open({ lifetime }).load()
    assert.equal(session.deadline() - START, 7200e3, lifetime)
  }
})

test('pages of sessions follow each other, and each is another client\'s', async () => {
  const manager = open()
  for (const [user, subject] of [['a', 'ada'], ['b', 'bob'], ['c', 'ada']]) {
    const session = await manager.load()
    session.put('user', user)
    session.setSubject(subject)
    await manager.commit(session)
  }
  const users = []
  let after = null
  do {
    const page = await manager.list(2, { after })
    for (const session of page.sessions) {
      users.push(session.getString('user'))
      assert.equal(session.token, null)
      assert.equal(String(session.key).length, 43)
    }
    after = page.next
  } while (after !== null)
  assert.deepEqual(users.sort(), ['a', 'b', 'c'])
  const { sessions, next } = await manager.listSubject('ada', 10)
  assert.equal(next, null)
  for (const session of sessions) {
    await session.destroy()
    assert.deepEqual({ ...await manager.commit(session) },
      { outcome: 'destroyed', token: null, expiresAt: null, setCookie: null, cookie: null, headers: [], wasRead: false })
  }
  assert.equal((await manager.list(10)).sessions.length, 1)
  assert.equal(await manager.store.count(), 1)
})

test('all sessions are gone through, and all of a user\'s are ended', async () => {
  const store = new Store(mysqlUrl('each'))
  await store.migrate()
  for (const manager of [open(), new SessionManager(store)]) {
    await Promise.all(Array.from({ length: 250 }, async (_, number) => {
      const session = await manager.load()
      session.put('number', number)
      session.setSubject(number % 5 === 0 ? 'bob' : 'ada')
      await manager.commit(session)
    }))
    const numbers = []
    for await (const session of manager.each()) numbers.push(session.get('number'))
    assert.deepEqual(numbers.sort((a, b) => a - b), Array.from({ length: 250 }, (_, number) => number))
    for await (const session of manager.eachSubject('ada')) await session.destroy()
    assert.equal(await manager.store.count(), 50)
    for await (const session of manager.eachSubject('bob')) {
      assert.equal(session.subject(), 'bob')
      break
    }
    const all = async (sessions) => { for await (const session of sessions) assert.ok(session) }
    await assert.rejects(all(manager.each({ signal: AbortSignal.abort(new Error('enough')) })), /enough/)
    await rejects(all(manager.each({ limit: 1 })), 'InvalidArgument')
    await rejects(all(manager.each(null)), 'InvalidArgument')
    await rejects(all(manager.eachSubject(7)), 'InvalidArgument')
  }
  await store.close()
})

test('on a server it is the same, with many sessions at a time', async () => {
  const store = new Store(mysqlUrl('sessions'))
  await store.migrate()
  const manager = new SessionManager(store)
  const heard = []
  manager.on('created', () => heard.push('created')).on('merged', () => heard.push('merged'))
  const tokens = await Promise.all(Array.from({ length: 100 }, async (_, number) => {
    const session = await manager.load()
    session.put('number', number)
    return (await manager.commit(session)).token
  }))
  const sums = await Promise.all(tokens.map(async (token) => (await manager.load(token)).getNumber('number')))
  assert.equal(sums.reduce((a, b) => a + b), 4950)
  // Two requests that change different keys both win.
  const [token] = tokens
  const views = Array.from({ length: 20 }, () => manager.lazy(token))
  await Promise.all(views.map(async (view, number) => {
    await view.ensureLoaded()
    view.put(`key ${number}`, number)
    assert.equal((await manager.commit(view)).outcome, 'saved')
  }))
  assert.equal((await manager.load(token)).keys().length, 21)
  assert.equal(heard.filter((event) => event === 'created').length, 100)
  assert.equal(heard.length - 100, manager.stats().merged)
  const page = await manager.list(1000)
  assert.equal(page.sessions.length, 100)
  await Promise.all(page.sessions.map((session) => session.destroy()))
  assert.equal((await manager.commit(views[1])).outcome, 'unmodified')
  views[2].put('late', true)
  const { outcome, setCookie } = await manager.commit(views[2])
  assert.equal(outcome, 'gone')
  assert.equal(setCookie, null)
  assert.equal(await store.count(), 0)
  await store.close()
})

test('a signal ends the waiting', async (t) => {
  const store = new Store(await silentServer(t), { timeout: 2000 })
  const manager = new SessionManager(store)
  const aborted = AbortSignal.abort(new Error('enough'))
  const later = () => AbortSignal.timeout(50)
  const session = manager.lazy('some token')
  session.put('a', 1)
  for (const call of [(signal) => manager.commit(session, { signal }), (signal) => manager.list(1, { signal }),
    (signal) => manager.listSubject('ada', 1, { signal }), (signal) => session.ensureLoaded({ signal }),
    (signal) => session.renew({ signal }), (signal) => session.destroy({ signal }),
    (signal) => session.mergeFrom('other', { signal }), (signal) => session.take('a', { signal })]) {
    await assert.rejects(call(aborted), /enough/)
    await assert.rejects(call(later()), { name: 'TimeoutError' })
  }
})

test('a commit that was aborted is done, and the next one gives the cookie', async () => {
  const store = new Store(mysqlUrl('sessions'))
  await store.migrate()
  const manager = new SessionManager(store)
  const session = await manager.load()
  session.put('user', 'ada')
  const abort = new AbortController()
  const committing = manager.commit(session, { signal: abort.signal })
  abort.abort(new Error('enough'))
  await assert.rejects(committing, /enough/)
  const { outcome, token, setCookie } = await manager.commit(session)
  assert.deepEqual([outcome, setCookie.includes(token)], ['unmodified', true])
  assert.equal((await manager.load(token)).get('user'), 'ada')
  assert.equal((await manager.commit(session)).setCookie, null)
  await store.close()
})

test('events are emitted in order, on this thread, after what caused them', async () => {
  const clock = new ManualClock(START)
  const manager = open({ idleTimeout: 1000 }, clock)
  const heard = []
  for (const event of Object.keys(manager.stats())) manager.on(event, (...args) => heard.push([event, ...args]))
  const session = await manager.load()
  session.put('a', 1)
  const { token } = await manager.commit(session)
  session.renew()
  await manager.commit(session)
  clock.advance(500)
  await manager.commit(session)
  await session.destroy()
  await manager.store.save('bad', 'no document', null)
  await manager.load('bad')
  await new Promise(setImmediate)
  assert.deepEqual(heard, [['created'], ['renewed'], ['touched'], ['destroyed'], ['corrupt']])
  assert.deepEqual(manager.stats(), {
    created: 1, renewed: 1, destroyed: 1, touched: 1, merged: 0, conflict: 0, gone: 0, corrupt: 1
  })
  assert.equal((await manager.load(token)).isNew(), true)
})

test('listeners come and go as those of any emitter', async () => {
  const manager = open()
  const heard = []
  const create = async () => {
    const session = await manager.load()
    session.put('a', 1)
    await manager.commit(session)
  }
  const listener = () => heard.push('on')
  assert.equal(manager.on('created', listener), manager)
  manager.once('created', () => heard.push('once'))
  manager.prependListener('created', () => heard.push('first'))
  const waited = once(manager, 'created')
  await create()
  assert.deepEqual(await waited, [])
  manager.off('created', listener)
  await create()
  await new Promise(setImmediate)
  assert.deepEqual(heard, ['first', 'on', 'once', 'first'])
  // Another manager on the same store has events of its own.
  assert.equal(new SessionManager(manager.store).stats().created, 0)
})

test('a session can be committed more than once, and be used afterwards', async () => {
  const manager = open()
  const session = await manager.load()
  session.put('a', 1)
  const { token } = await manager.commit(session)
  assert.equal((await manager.commit(session)).outcome, 'unmodified')
  assert.equal(session.get('a'), 1)
  session.put('b', [2])
  assert.equal(session.status, 'modified')
  assert.deepEqual(session.values(), { a: 1, b: [2] })
  const result = await manager.commit(session)
  assert.deepEqual([result.outcome, result.token, result.setCookie, result.cookie, result.headers, result.wasRead],
    ['saved', token, null, null, [['Vary', 'Cookie']], true])
  await session.destroy()
  assert.equal(session.status, 'destroyed')
  assert.equal((await manager.commit(session)).outcome, 'destroyed')
  assert.equal(session.token, null)
})
