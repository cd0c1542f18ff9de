// What the verbs take and give in JavaScript. What they do is in tests/vectors.

import legacy from 'node:assert'
import assert from 'node:assert/strict'
import { readFile, readdir } from 'node:fs/promises'
import test from 'node:test'
import { inspect } from 'node:util'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { Key, ManualClock, Store, generateToken } from '../index.mjs'

const START = new Date('2024-01-01T00:00:00Z')
const open = (options) => new Store('memory:', { cleanupInterval: 0, ...options })

test('a record is bytes, a date and a subject', async () => {
  const store = open()
  const end = new Date(Date.now() + 3600e3)
  await store.save('token', Buffer.from('data'), end, { subject: 'ada' })
  const record = await store.find('token')
  assert.deepEqual({ ...record }, { data: Buffer.from('data'), expiresAt: end, subject: 'ada' })
  assert.ok(Buffer.isBuffer(record.data))
  await store.save('token', 'text: é', null)
  assert.deepEqual({ ...await store.find('token') },
    { data: Buffer.from('text: é'), expiresAt: null, subject: 'ada' })
  assert.equal(await store.find('other'), null)
})

test('a record is nothing but its fields to all but the printer', async () => {
  const store = open()
  const end = new Date('2100-01-01T00:00:00Z')
  await store.save('token', 'four', end, { subject: 'ada' })
  const [record, again] = await store.findMany(['token', 'token'])
  const literal = { data: Buffer.from('four'), expiresAt: end, subject: 'ada' }
  assert.deepEqual(record, again)
  legacy.deepEqual(record, literal)
  assert.deepEqual(Object.keys(record), Object.keys(literal))
  assert.equal(JSON.stringify(record), JSON.stringify(literal))
  assert.deepEqual(structuredClone(record), structuredClone(literal))
  assert.equal(inspect(record), 'SessionRecord { 4 bytes, ends 2100-01-01T00:00:00.000Z }')
  const { entries: [entry] } = await store.list(1)
  const { key, ...fields } = entry
  assert.deepEqual(fields, literal)
  assert.ok(key instanceof Key)
  entry.expiresAt = null
  assert.equal(inspect(entry), 'Entry { 4 bytes, never ends }')
})

test('data is a Buffer, a Uint8Array or a string, and only the part that is seen', async () => {
  const store = open()
  const whole = Uint8Array.of(1, 2, 3, 4)
  for (const [data, wanted] of [
    [whole, '01020304'], [whole.subarray(1, 3), '0203'], [Buffer.from('é'), 'c3a9'],
    ['é', 'c3a9'], ['', ''], [new Uint8Array(0), ''], [Buffer.alloc(0), ''], ['\0', '00'],
    ['\ufffd', 'efbfbd']
  ]) {
    await store.save('token', data, null)
    assert.equal((await store.find('token')).data.toString('hex'), wanted)
  }
})

test('what was found belongs to the caller', async () => {
  const store = open()
  for (const size of [0, 1, 300, 4096, 70_000, 1 << 20]) {
    const data = Buffer.alloc(size, 'x')
    await store.save('token', data, null)
    data.fill('y')
    const first = await store.find('token')
    const second = await store.find('token')
    first.data.fill('z')
    assert.ok(second.data.equals(Buffer.alloc(size, 'x')), `${size} bytes`)
    // Even if it is given away: nothing of ours lives in it.
    if (first.data.buffer.byteLength === size) structuredClone(0, { transfer: [first.data.buffer] })
    assert.ok((await store.find('token')).data.equals(second.data), `${size} bytes`)
  }
})

test('responses that are larger than the shared buffer arrive whole', async () => {
  const store = open()
  const rows = Array.from({ length: 1000 }, (_, i) =>
    ({ token: `t${i}`, data: Buffer.alloc(i * 10, i), expires: 60_000, subject: `user ${i % 2}` }))
  await store.saveMany(rows)
  const found = await store.findMany(['none', ...rows.map(({ token }) => token)])
  assert.equal(found.shift(), null)
  found.forEach((record, i) => {
    assert.ok(record.data.equals(rows[i].data))
    assert.equal(record.subject, rows[i].subject)
  })
  const { entries, next } = await store.list(1000)
  assert.equal(entries.length, 1000)
  assert.equal(next, null)
  const sizes = entries.map(({ data }) => data.length).sort((a, b) => a - b)
  assert.deepEqual(sizes, rows.map(({ data }) => data.length))
  assert.equal((await store.find('t7')).data.length, 70)
})

test('an end is a date, milliseconds from now, or never', async () => {
  const clock = new ManualClock(START)
  const store = open({ clock })
  const cases = [[1500, 1500], [0.5, 0], [new Date(START.getTime() + 7), 7], [null, null]]
  for (const [expires, wanted] of cases) {
    await store.save('token', '', expires)
    const { expiresAt } = await store.find('token')
    assert.equal(expiresAt && expiresAt - START, wanted)
  }
  await store.save('token', '', -1)
  assert.equal(await store.find('token'), null)
})

test('a manual clock moves only when it is advanced', async () => {
  const clock = new ManualClock(START)
  const store = open({ clock })
  await store.save('token', '', 1000)
  clock.advance(999.5)
  assert.equal(clock.now() - START, 999)
  assert.equal(await store.exists('token'), true)
  clock.advance(0.5)
  assert.equal(await store.exists('token'), false)
})

test('what lists give is accepted wherever a token is', async () => {
  const store = open()
  await store.save('token', 'a', null, { subject: 'ada' })
  const { entries: [{ key }] } = await store.listSubject('ada', 10)
  assert.ok(key instanceof Key)
  const again = new Key(key.toString())
  assert.ok(key.equals(again) && !key.equals(key.toString()) && !key.equals(new Key('x')))
  for (const target of [key, again]) {
    assert.equal((await store.find(target)).data.toString(), 'a')
    assert.equal(await store.touch(target, 1000), true)
    assert.equal(await store.update(target, 'a', null), true)
    assert.equal(await store.replace(target, 'a', 'a', null), 'saved')
    assert.equal((await store.findMany([target]))[0].subject, 'ada')
    assert.equal(await store.deleteSubject('ada', { keep: target }), 0)
  }
  // The text of a key is a token like any other, and not this session's.
  assert.equal(await store.find(key.toString()), null)
  assert.equal(await store.rename(key, 'new', { data: 'b', expires: null, subject: '' }), true)
  assert.deepEqual({ ...await store.find('new') },
    { data: Buffer.from('b'), expiresAt: null, subject: null })
})

test('pages follow each other', async () => {
  const store = open()
  await store.saveMany(['a', 'b', 'c'].map((token) => ({ token, data: token, expires: null })))
  const seen = []
  let after = null
  do {
    const page = await store.list(2, { after })
    seen.push(...page.entries.map(({ data }) => data.toString()))
    after = page.next
  } while (after !== null)
  assert.deepEqual(seen.sort(), ['a', 'b', 'c'])
  assert.equal(await store.deleteMany(['a', 'x', 'c']), 2)
})

test('halves of surrogate pairs make tokens of their own', async () => {
  const store = open()
  const tokens = ['\ud800', '\ud801', '\ufffd', 'a\udc00', `${'x'.repeat(200)}\udfff`, '😀']
  for (const token of tokens) await store.insert(token, token.length.toString(), null)
  assert.equal(await store.count(), tokens.length)
  for (const token of tokens) {
    assert.equal((await store.find(token)).data.toString(), token.length.toString())
  }
})

test('tokens of every length are the same token each time', async () => {
  const store = open()
  for (const char of ['a', 'é', '€', '😀']) {
    for (let length = 1; length <= 140; length++) {
      await store.save(char.repeat(length), '', null)
    }
  }
  assert.equal(await store.count(), 4 * 140)
  assert.equal(await store.find('a'.repeat(5000)), null)
})

test('closing is for good and can be done twice', async () => {
  const store = open()
  await store.save('token', '', null)
  const closing = store.close()
  assert.equal(store.close(), closing)
  await closing
  await store[Symbol.asyncDispose]()
  await assert.rejects(store.find('token'), { code: 'Closed', retryable: false })
  await store.stopCleanup()
  assert.equal((await store.stats()).statements, 0)
})

test('tokens are 43 characters and never the same', () => {
  const tokens = new Set(Array.from({ length: 1000 }, generateToken))
  assert.equal(tokens.size, 1000)
  for (const token of tokens) assert.match(token, /^[\w-]{43}$/)
})

// The cleaner's thread is what shows from outside that a store is there. It takes a moment to
// begin and to end.
async function cleaners () {
  const threads = await readdir('/proc/self/task')
  const names = await Promise.all(threads.map((id) =>
    readFile(`/proc/self/task/${id}/comm`, 'utf8').catch(() => 'ended')))
  return names.filter((name) => name.startsWith('sessio-cleanup')).length
}

async function untilCleaners (count, meanwhile) {
  for (let turn = 0; turn < 500 && await cleaners() !== count; turn++) {
    meanwhile()
    await new Promise(setImmediate)
  }
  assert.equal(await cleaners(), count)
}

test('a store that is lost ends', async () => {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc')
  await (async () => {
    const store = open({ cleanupInterval: '1h' })
    await store.save('token', '', null)
    await untilCleaners(1, () => {})
    await store.ping()
  })()
  await untilCleaners(0, collect)
})
