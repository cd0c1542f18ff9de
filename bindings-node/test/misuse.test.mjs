// A wrong argument is always a SessioError with the code InvalidArgument, never a crash.

import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import test from 'node:test'
import { format, inspect } from 'node:util'
import { Key, ManualClock, SessioError, SessionManager, Store, generateToken } from '../index.mjs'
import { rejects } from './helpers.mjs'

const open = (options) => new Store('memory:', { cleanupInterval: 0, ...options })

// Nothing of these is a token, data, an end, a subject, a limit or options.
const wrong = [42n, Symbol('s'), () => {}, [], [1], true, NaN, Infinity, -Infinity, { a: 1 },
  Object.create(null), new Proxy({}, {}), new Map(), new Uint16Array(2), new DataView(new ArrayBuffer(2)),
  new ArrayBuffer(2), Promise.resolve('x'), Object.create(Key.prototype), Object.create(Store.prototype)]
const wrongTokens = [...wrong, undefined, null, 7, Buffer.from('token'), new Date()]

test('a wrong token is refused by every verb', async () => {
  const store = open()
  for (const token of wrongTokens) {
    const calls = [
      () => store.find(token), () => store.find(token, {}), () => store.exists(token),
      () => store.save(token, '', null), () => store.insert(token, '', null),
      () => store.update(token, '', null), () => store.replace(token, '', '', null),
      () => store.touch(token, null), () => store.rename(token, 'b'), () => store.rename('a', token),
      () => store.delete(token), () => store.findMany(['a', token]), () => store.deleteMany([token]),
      () => store.saveMany([{ token, data: '', expires: null }])
    ]
    for (const call of calls) await rejects(call(), 'InvalidArgument')
  }
  for (const keep of wrongTokens.filter((token) => token !== undefined && token !== null)) {
    await rejects(store.deleteSubject('ada', { keep }), 'InvalidArgument')
    await rejects(store.list(1, { after: keep }), 'InvalidArgument')
  }
  await rejects(store.list(1, { after: 'text' }), 'InvalidArgument')
  assert.equal(await store.count(), 0)
})

test('wrong data is refused', async () => {
  const store = open()
  const lone = 'half \ud800 a pair'
  for (const data of [...wrong, undefined, null, 7, new Date(), lone]) {
    const calls = [
      store.save('a', data, null), store.insert('a', data, null), store.update('a', data, null),
      store.replace('a', data, '', null), store.replace('a', '', data, null),
      store.saveMany([{ token: 'a', data, expires: null }])
    ]
    if (data !== undefined) calls.push(store.rename('a', 'b', { data, expires: null }))
    for (const call of calls) await rejects(call, 'InvalidArgument')
  }
  assert.equal(await store.count(), 0)
})

test('bytes that others can change or have taken are refused', async () => {
  const store = open()
  await rejects(store.save('a', new Uint8Array(new SharedArrayBuffer(4)), null), 'InvalidArgument')
  const taken = new Uint8Array(4)
  structuredClone(0, { transfer: [taken.buffer] })
  await rejects(store.save('a', taken, null), 'InvalidArgument')
})

test('a wrong end is refused', async () => {
  const store = open()
  const notEnds = wrong.filter((value) => typeof value !== 'object' || value !== null)
  for (const expires of [...notEnds, undefined, '1h', new Date(NaN), Date.now() + 3600e3]) {
    await rejects(store.save('a', '', expires), 'InvalidArgument')
    await rejects(store.touch('a', expires), 'InvalidArgument')
  }
  await rejects(store.rename('a', 'b', { data: '' }), 'InvalidArgument')
  await rejects(store.rename('a', 'b', { expires: null }), 'InvalidArgument')
  await rejects(store.rename('a', 'b', { subject: 'ada' }), 'InvalidArgument')
})

test('a wrong subject, limit or list is refused', async () => {
  const store = open()
  for (const subject of [...wrong, 7, 'x'.repeat(256), 'space ', '\ud800']) {
    await rejects(store.save('a', '', null, { subject }), 'InvalidArgument')
    await rejects(store.listSubject(subject, 1), 'InvalidArgument')
    await rejects(store.deleteSubject(subject), 'InvalidArgument')
  }
  for (const limit of [...wrong, undefined, null, '1', -1, 0, 1.5, 1001, 2 ** 53]) {
    await rejects(store.list(limit), 'InvalidArgument')
    await rejects(store.listSubject('ada', limit), 'InvalidArgument')
    if (limit !== 1001) await rejects(store.deleteExpired(limit), 'InvalidArgument')
  }
  for (const from of [7, {}, true, '', 'beego', '\ud800']) {
    await rejects(store.migrateFrom(from), 'InvalidArgument')
  }
  for (const list of [...wrong.filter((value) => !Array.isArray(value)), undefined, null, 'ab']) {
    await rejects(store.findMany(list), 'InvalidArgument')
    await rejects(store.deleteMany(list), 'InvalidArgument')
    await rejects(store.saveMany(list), 'InvalidArgument')
  }
  await rejects(store.saveMany([null]), 'InvalidArgument')
  await rejects(store.saveMany(['abcd']), 'InvalidArgument')
  await rejects(store.findMany(Array(10_001).fill('a')), 'InvalidArgument')
  assert.deepEqual(await store.findMany([]), [])
})

test('wrong options of a verb are refused, and a misspelt one is', async () => {
  const store = open()
  for (const options of [null, 7, 'x', { sginal: undefined }, { signal: {} }, { signal: null }]) {
    await rejects(store.find('a', options), 'InvalidArgument')
    await rejects(store.save('a', '', null, options), 'InvalidArgument')
  }
  const error = await rejects(store.save('a', '', null, { subjct: 'ada' }), 'InvalidArgument')
  assert.match(error.message, /subjct/)
  await rejects(store.find('a', { subject: 'ada' }), 'InvalidArgument')
  assert.equal(await store.count(), 0)
})

test('too much data is refused before it is copied around', async () => {
  const store = open({ maxData: 10, maxSessions: 1 })
  await rejects(store.save('a', Buffer.alloc(11), null), 'TooLarge')
  await store.save('a', Buffer.alloc(10), null)
  await rejects(store.save('b', '', null), 'Full')
  await rejects(store.insert('a', '', null), 'AlreadyExists')
  await rejects(store.save('x'.repeat(4097), '', null), 'InvalidArgument')
  await rejects(store.save('', '', null), 'InvalidArgument')
  await rejects(open().save('a', 'x'.repeat(1 << 28), null), 'TooLarge')
  assert.equal(await store.find('x'.repeat(1 << 28)), null)
})

test('a wrong URL or option is refused by the constructor', () => {
  const refused = (...given) => assert.throws(() => new Store(...given), (error) =>
    error instanceof SessioError && error.code === 'InvalidArgument')
  for (const url of [...wrong, undefined, null, 7, '', 'nope', 'memory', 'http://a/b', '\ud800',
    'mysql://', 'mysql://host', 'memory:?cleanup=1', 'memory:?timeout=-1', 'u:p@tcp(h:x)/d']) {
    refused(url)
  }
  for (const options of [null, 7, 'x', { table: 7.5e300 }, { table: '' }, { table: null },
    { table: {} }, { tabel: 'x' }, { hash_tokens: true }, { hashTokens: 'maybe' }, { timeout: 0 },
    { timeout: -1 }, { timeout: NaN }, { timeout: '5 minutes' }, { cleanupInterval: Infinity },
    { connections: 0 }, { connections: 65 }, { connections: 1.5 }, { maxData: 0 }, { tls: 'on' },
    { maxLifetime: 3600_000 }, { maxLifetime: 0.5 }, { tls: 'off', ca: 'ca.pem' }, { tls: 'verify-ca', ca: '/no/such/ca.pem' },
    { tlsCert: 'client.pem' }, { tls: 'required', tlsCert: '/no/such.pem', tlsKey: '/no/such.pem' }, { columns: 'token=a`b' },
    { sessionVariables: 'sql_mode=ANSI' }, { sessionVariables: { a: 1 } }, { spreadHosts: 'maybe' },
    { clock: null }, { clock: {} }, { clock: new Date() }, { toString: () => 'x' }]) {
    refused('memory:', options)
  }
  assert.throws(() => Store('memory:'), TypeError)
})

test('the error of an option in the spelling of URLs names the right one', () => {
  assert.throws(() => new Store('memory:', { hash_tokens: true }), { code: 'InvalidArgument', message: /is it hashTokens\? the options are table, hashTokens, .*, spreadHosts, clock$/ })
  assert.throws(() => new Store('memory:', { 'spread-hosts': true }), { code: 'InvalidArgument', message: /is it spreadHosts\?/ })
})

test('messages spell options as JavaScript does, and as URLs do where they are about a URL', () => {
  const says = (make, message) => assert.throws(make, { code: 'InvalidArgument', message })
  const url = 'mysql://localhost/app'
  says(() => new Store('memory:', { maxData: 0 }), /^option maxData takes /)
  says(() => new Store('memory:', { maxLifetime: '1h' }), /^option maxLifetime /)
  says(() => new Store(url, { maxLifetime: '1h', hashTokens: true }), /with maxLifetime leave hashTokens off$/)
  says(() => new Store(url, { tlsCert: 'client.pem' }), /tlsCert and tlsKey/)
  says(() => new Store('memory:', { timeout: -1 }), /^option timeout must be a number of milliseconds/)
  says(() => new Store(`${url}?hashTokens=false`), /is it hash_tokens\? the options are table, hash_tokens, /)
  const store = open()
  says(() => new SessionManager(store, { cookieNmae: 'x' }), /is it cookieName\? the options are lifetime, .*, onConflict, .*, cookieSecrets$/)
  says(() => new SessionManager(store, { touchInterval: 2, idleTimeout: 2 }), /^touchInterval must be at most half of idleTimeout/)
  says(() => new SessionManager(store, { cookieName: '__Host-x', cookieSecure: false }), /set cookieSecure$/)
})

test('options are milliseconds, or text as in a URL', async () => {
  const accepted = [{ timeout: 250 }, { timeout: '250ms' }, { cleanupInterval: '5m' },
    { cleanupInterval: 0.5 }, { hashTokens: false }, { maxBytes: 100 }, { tls: 'required' },
    { timeout: undefined }, { cleanupInterval: '1d' }, { columns: 'token=sid', table: 'web-sessions' },
    { sessionVariables: 'wsrep_sync_wait=1', spreadHosts: true }]
  for (const options of accepted) await new Store('memory:', options).close()
})

test('a wrong clock is refused', () => {
  for (const start of [...wrong, undefined, null, 0, 'now', new Date(NaN)]) {
    assert.throws(() => new ManualClock(start), { code: 'InvalidArgument' })
  }
  const clock = new ManualClock(new Date())
  for (const millis of [...wrong, undefined, null, -1, '1']) {
    assert.throws(() => clock.advance(millis), { code: 'InvalidArgument' })
  }
  for (const text of [...wrong, undefined, null, 7]) {
    assert.throws(() => new Key(text), { code: 'InvalidArgument' })
  }
})

test('methods on something else are a TypeError', () => {
  for (const name of Object.getOwnPropertyNames(Store.prototype)) {
    if (name === 'constructor' || name === 'location') continue
    assert.throws(() => Store.prototype[name].call({}), TypeError, name)
  }
})

test('errors are of the kinds that every language has', async () => {
  const kinds = JSON.parse(await readFile(new URL('../../tests/error_kinds.json', import.meta.url)))
  const types = await readFile(new URL('../index.d.ts', import.meta.url), 'utf8')
  const declared = types.match(/type ErrorCode =([^\n]*\n)+?\n/)[0].match(/'\w+'/g)
  assert.deepEqual(declared, kinds.map(({ name }) => `'${name}'`))
})

test('an error names the line that made the call', async function here () {
  const error = await rejects(open().list(0), 'InvalidArgument')
  assert.match(error.stack, /misuse\.test\.mjs/)
  assert.match(error.stack, /^SessioError: /)
  assert.equal(error.name, 'SessioError')
  assert.deepEqual({ ...error }, { code: 'InvalidArgument', retryable: false, errno: null, sqlState: null })
})

test('nothing that is printed shows a token, a key, data or a password', async () => {
  const token = generateToken()
  const secrets = [token, 'hunter2', 'secret data', 'secret subject']
  const store = open()
  await store.save(token, 'secret data', null, { subject: 'secret subject' })
  const page = await store.list(1)
  const { key } = page.entries[0]
  secrets.push(...['secret data', 'secret subject'].map((text) => inspect(Buffer.from(text)).slice(8, -1)))
  secrets.push(key.toString())
  const remote = new Store('mysql://ada:hunter2@127.0.0.1:1/db', { timeout: 300 })
  const errors = await Promise.all([
    store.insert(token, 'secret data', null), store.save(token, 'secret data', 'secret data'),
    store.save(token, 'secret data', null, { subject: 'secret subject ' }),
    store.list(0, { after: key }), store.find({ token }), remote.find(token), remote.find(key),
    remote.save(token, 'secret data', null), remote.migrate()
  ].map((call) => call.then(() => assert.fail(), (error) => error)))
  for (const url of ['mysql://ada:hunter2@:x/', 'mysql://ada:hunter2@h/db?tls=hunter', 'ada:hunter2@tcp(h/db']) {
    try {
      assert.fail(new Store(url))
    } catch (error) {
      errors.push(error)
    }
  }
  const printed = [store, remote, key, errors].flatMap((thing) =>
    [inspect(thing, { depth: 9, showHidden: true }), JSON.stringify(thing), inspect({ thing })])
  const answers = [await store.find(token), await store.findMany([token, key]), page,
    await store.listSubject('secret subject', 1)]
  for (const depth of [0, 2, Infinity]) {
    for (const answer of [...answers, ...page.entries, new Map([['found', answers]]), { a: { answers } }]) {
      printed.push(inspect(answer, { depth, showHidden: true }), inspect([answer], { depth }),
        format('%o %O', answer, answer))
    }
  }
  printed.push(...errors.map((error) => error.stack + String(error)))
  for (const secret of secrets) {
    assert.ok(!printed.some((text) => text.includes(secret)), `it shows "${secret}"`)
  }
  assert.ok(printed.includes("Store { 'mysql://127.0.0.1:1/db' }"), printed[3])
})
