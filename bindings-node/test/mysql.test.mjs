// What only shows when operations take time: they need SESSIO_TEST_MYSQL_URL.

import assert from 'node:assert/strict'
import { AsyncLocalStorage } from 'node:async_hooks'
import { getEventListeners } from 'node:events'
import test from 'node:test'
import { Store, generateToken } from '../index.mjs'
import { closedPort, mysqlUrl, rejects, silentServer, wireTo } from './helpers.mjs'

async function open (t, table, more) {
  const store = new Store(mysqlUrl(table, more))
  t.after(() => store.close())
  await store.migrate()
  return store
}

test('many callers at once each get their own answer', async (t) => {
  const store = await open(t, 'many')
  const tokens = Array.from({ length: 2000 }, generateToken)
  await Promise.all(tokens.map((token) => store.insert(token, token, 60_000)))
  assert.equal(await store.count(), tokens.length)
  const before = (await store.stats()).statements
  const callers = Array.from({ length: 64 }, async (_, caller) => {
    for (let i = caller; i < tokens.length; i += 64) {
      assert.equal((await store.find(tokens[i])).data.toString(), tokens[i])
      assert.equal(await store.find(`${tokens[i]}x`), null)
    }
  })
  await Promise.all(callers)
  const statements = (await store.stats()).statements - before
  assert.ok(statements <= tokens.length * 2 / 5, `${statements} statements`)
})

test('answers of every size arrive whole, also many at once', async (t) => {
  const store = await open(t, 'sizes')
  const sizes = [0, 1, 4095, 4096, 65_535, 65_536, 70_000, 200_000, 1 << 20]
  const data = (size) => Buffer.alloc(size, `${size} `)
  await Promise.all(sizes.map((size) => store.save(`t${size}`, data(size), null)))
  const found = await Promise.all([...sizes, ...sizes].map((size) => store.find(`t${size}`)))
  found.forEach((record, i) => assert.ok(record.data.equals(data(sizes[i % sizes.length]))))
  const { entries } = await store.list(10)
  assert.equal(entries.length, sizes.length)
  await rejects(store.save('t', Buffer.alloc((1 << 20) + 1), null), 'TooLarge')
})

test('every verb has the same answers as in memory', async (t) => {
  const store = await open(t, 'shapes')
  assert.equal(await store.ping(), undefined)
  assert.deepEqual(await store.check(), [])
  assert.equal(await store.save('a', 'a', null, { subject: 'ada' }), undefined)
  assert.equal(await store.update('a', 'b', null), true)
  assert.equal(await store.replace('a', 'b', 'c', null), 'saved')
  assert.equal(await store.replace('a', 'b', 'c', null), 'conflict')
  assert.equal(await store.replace('x', 'b', 'c', null), 'gone')
  assert.equal(await store.touch('x', null), false)
  assert.equal(await store.rename('a', 'b'), true)
  const [gone, found] = await store.findMany(['a', 'b'])
  assert.equal(gone, null)
  assert.deepEqual({ ...found }, { data: Buffer.from('c'), expiresAt: null, subject: 'ada' })
  assert.equal((await store.listSubject('ada', 5)).entries.length, 1)
  assert.equal(await store.deleteSubject('ada', { keep: 'b' }), 0)
  assert.equal(await store.delete('b'), true)
  assert.equal(await store.deleteExpired(10), 0)
  assert.equal(await store.stopCleanup(), undefined)
  const error = await rejects(store.insert('a', '', null).then(() => store.insert('a', '', null)), 'AlreadyExists')
  assert.equal(error.retryable, false)
})

test('an answer that was waited for keeps the context of its caller', async (t) => {
  const store = await open(t, 'context')
  const context = new AsyncLocalStorage()
  const caller = (name) => context.run(name, async () => {
    await store.find('absent')
    assert.equal(context.getStore(), name)
    await store.find('absent').then(() => assert.equal(context.getStore(), name))
  })
  await Promise.all(Array.from({ length: 100 }, (_, i) => caller(`caller ${i}`)))
})

test('an error that was waited for names the line that made the call', async (t) => {
  const store = new Store(await silentServer(t), { timeout: 50 })
  const theCaller = async () => {
    await store.ping()
  }
  const error = await theCaller().catch((error) => error)
  assert.match(error.stack, /^SessioError: .*\n(.*\n)*.*theCaller .*mysql\.test\.mjs/)
})

test('an abort ends the waiting and not the operation', async (t) => {
  const store = await open(t, 'abort')
  const controller = new AbortController()
  const reason = new Error('enough')
  const saving = store.save('a', 'a', null, { signal: controller.signal })
  const finding = store.find('b', { signal: controller.signal })
  controller.abort(reason)
  await assert.rejects(saving, (error) => error === reason)
  await assert.rejects(finding, (error) => error === reason)
  // Writes of one session keep their order, so this one comes after it.
  assert.equal(await store.touch('a', null), true)
  await assert.rejects(store.save('c', 'c', null, { signal: controller.signal }), (error) => error === reason)
  await assert.rejects(store.find('c', { signal: AbortSignal.abort() }), { name: 'AbortError' })
  assert.equal(await store.find('c'), null)
})

test('a signal that outlives many calls does not collect listeners', async (t) => {
  const store = await open(t, 'signal')
  const { signal } = new AbortController()
  const warned = t.mock.method(process, 'emitWarning', () => {})
  await Promise.all(Array.from({ length: 100 }, () => store.find('a', { signal })))
  await rejects(store.list(0, { signal }), 'InvalidArgument')
  assert.equal(getEventListeners(signal, 'abort').length, 0)
  assert.equal(warned.mock.callCount(), 0)
})

test('closing finishes what is in flight', async (t) => {
  const store = await open(t, 'close')
  const saving = Array.from({ length: 200 }, (_, i) => store.save(`t${i}`, '', null))
  const closing = store.close()
  await rejects(store.find('a'), 'Closed')
  await closing
  await Promise.all(saving)
  const other = new Store(mysqlUrl('close'))
  assert.equal(await other.count(), 200)
  await other.close()
})

test('a missing table says what to do', async (t) => {
  const store = new Store(mysqlUrl('missing'))
  t.after(() => store.close())
  const error = await rejects(store.find('a'), 'Schema')
  assert.match(error.message, /migrate/)
  assert.equal((await store.check())[0].code, 'missing_table')
})

// By a statement that travels as one of sessio's; its URL.
async function makeTable (t, name, columns) {
  const url = mysqlUrl(name)
  const wire = await wireTo(t, url)
  const carrier = new Store(wire.url, { connections: 1 })
  await carrier.ping()
  await wire.run(`CREATE TABLE ${new URL(url).searchParams.get('table')} (${columns})`)
  await carrier.close()
  return url
}

test('a table of something else is refused by what it is', async (t) => {
  const store = new Store(await makeTable(t, 'other', 'id INT, payload TEXT'))
  t.after(() => store.close())
  const error = await rejects(store.find('a'), 'Schema')
  assert.match(error.message, /has the columns id int.*, payload text/)
  assert.equal(error.retryable, false)
  await rejects(store.migrate(), 'Schema')
  assert.deepEqual((await store.check()).map(({ code }) => code), ['unknown_layout'])
})

test('a table of beego wants to know its lifetime', async (t) => {
  const columns = 'session_key CHAR(64) PRIMARY KEY, session_data BLOB, session_expiry INT UNSIGNED'
  const url = await makeTable(t, 'beego', columns)
  const untold = new Store(url)
  const store = new Store(url, { maxLifetime: 3600e3 })
  t.after(() => Promise.all([untold.close(), store.close()]))
  assert.match((await rejects(untold.find('a'), 'InvalidArgument')).message, /set maxLifetime/)
  await store.save('sid', 'x', new Date(Date.now() + 60e3))
  assert.deepEqual((await store.list(10)).entries.map(({ key }) => key.toString()), ['sid'])
  for (const migrate of [() => store.migrate(), () => store.migrateFrom('scs')]) {
    assert.match((await rejects(migrate(), 'Unsupported')).message, /beego/)
  }
})

test('a wrong password or database is Unavailable or Schema with the reason', async () => {
  const url = new URL(mysqlUrl('login'))
  url.password = 'hunter2'
  const refused = new Store(url.href, { timeout: 3000 })
  const error = await rejects(refused.find('a'), 'Unavailable')
  assert.equal(error.errno, 1045)
  assert.match(error.sqlState, /^\w{5}$/)
  assert.ok(!error.message.includes('hunter2'))
  const elsewhere = new URL(mysqlUrl('login'))
  elsewhere.pathname = '/there_is_no_such_database'
  const missing = new Store(elsewhere.href, { timeout: 3000 })
  const absent = await missing.find('a').catch((error) => error)
  assert.ok(['Schema', 'Unavailable'].includes(absent.code), absent.code)
  assert.match(absent.message, /there_is_no_such_database/)
  await Promise.all([refused.close(), missing.close()])
})

test('an absent server is named within the deadline', async () => {
  const port = await closedPort()
  const store = new Store(`mysql://u:p@127.0.0.1:${port}/db`, { timeout: 500 })
  const started = performance.now()
  const error = await rejects(store.find('a'), 'Unavailable')
  assert.ok(performance.now() - started < 3000)
  assert.ok(error.message.includes(`127.0.0.1:${port}`), error.message)
  assert.equal(error.retryable, true)
  await store.close()
})

test('a server that says nothing is given up at the deadline', async (t) => {
  const store = new Store(await silentServer(t), { timeout: 200 })
  const started = performance.now()
  const calls = Array.from({ length: 20 }, (_, i) => store.find(`t${i}`).catch((error) => error))
  for (const { code, retryable } of await Promise.all(calls)) {
    // Which of the two depends on whether the call or the connection waited longer.
    assert.ok(['Timeout', 'Unavailable'].includes(code) && retryable, code)
  }
  assert.ok(performance.now() - started < 3000)
  await store.close()
})

test('a server that falls silent in mid-call is a Timeout, and no harm when it wakes', async (t) => {
  const wire = await wireTo(t, mysqlUrl('silent', '&connections=1'))
  const store = new Store(wire.url, { timeout: 300 })
  await store.migrate()
  await store.save('a', 'a', null)
  wire.hold()
  const error = await rejects(store.find('a'), 'Timeout')
  assert.equal(error.retryable, true)
  wire.release()
  assert.equal((await store.find('a')).data.toString(), 'a')
  await store.close()
})

test('a find survives a connection that is cut in mid-call', async (t) => {
  const wire = await wireTo(t, mysqlUrl('cut'))
  const store = new Store(wire.url)
  await store.migrate()
  await store.save('a', 'a', null)
  wire.hold()
  const finding = store.find('a')
  while (!wire.isHolding()) await new Promise(setImmediate)
  wire.cut()
  wire.release()
  assert.equal((await finding).data.toString(), 'a')
  await store.close()
})
