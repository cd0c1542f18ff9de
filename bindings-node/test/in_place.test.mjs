// What a program changes within the arrays and objects of a session is stored as what it puts.

import assert from 'node:assert/strict'
import { createRequire } from 'node:module'
import test from 'node:test'
import { runInThisContext } from 'node:vm'
import { SessioError, SessionManager, Store } from '../index.mjs'
import { rejects } from './helpers.mjs'

const open = (options) => new SessionManager(new Store('memory:', { cleanupInterval: 0 }), options)

// A manager, and the token of a stored session with these values.
async function stored (values, options) {
  const manager = open(options)
  const session = await manager.load()
  for (const [key, value] of Object.entries(values)) session.put(key, value)
  return [manager, (await manager.commit(session)).token]
}

const valuesOf = async (manager, token) => (await manager.load(token)).values()

test('an array or object that was read is changed, and stored', async () => {
  for (const form of ['load', 'lazy']) {
    const [manager, token] = await stored({ cart: ['tea'], user: { address: { zip: 1 } }, n: 1 })
    const session = await manager[form](token)
    const cart = await session.get('cart')
    assert.equal(session.status, 'unmodified')
    cart.push('milk')
    assert.equal(session.status, 'modified')
    assert.equal(await session.get('cart'), cart)
    const values = await session.values()
    assert.equal(values.cart, cart)
    values.user.address.zip = 2
    assert.equal((await manager.commit(session)).outcome, 'saved')
    assert.deepEqual(await valuesOf(manager, token), { cart: ['tea', 'milk'], user: { address: { zip: 2 } }, n: 1 })
    // And once more: it is in the program's hands still.
    assert.equal(session.status, 'unmodified')
    cart.pop()
    assert.equal((await manager.commit(session)).outcome, 'saved')
    assert.deepEqual((await valuesOf(manager, token)).cart, ['tea'])
    assert.equal((await manager.commit(session)).outcome, 'unmodified')
  }
})

test('an array or object that was put is changed, and stored', async () => {
  const manager = open()
  const session = await manager.load()
  const cart = []
  session.put('cart', cart)
  cart.push({ sku: 'tea', note: undefined })
  assert.equal(session.get('cart'), cart)
  cart[0].count = 1
  const { token } = await manager.commit(session)
  assert.deepEqual(await valuesOf(manager, token), { cart: [{ sku: 'tea', count: 1 }] })
  assert.equal(session.status, 'unmodified')
  assert.equal(session.get('cart'), cart)
  cart[0].count = 2
  assert.equal((await manager.commit(session)).outcome, 'saved')
  assert.deepEqual(await valuesOf(manager, token), { cart: [{ sku: 'tea', count: 2 }] })
})

test('what was only read is no change, whatever it is', async () => {
  const value = [-0, NaN, Infinity, 2n ** 63n, new Date(5), Buffer.from([0, 255]), { a: [], b: {} }, 1e21, 'x', null, { $int: '5' }]
  const [manager, token] = await stored({ value, whole: [2 ** 53, 1.5] })
  // Of another program: a whole float, and a time that a Date has no room for.
  const { data } = await manager.store.find(token)
  const document = data.toString().replace('"values":{', '"values":{"other":[2.0,{"$time":"2024-01-01T00:00:00.123456Z"}],')
  await manager.store.save(token, document, null)
  const session = await manager.load(token)
  const { other } = session.values()
  assert.deepEqual(other, [2, new Date('2024-01-01T00:00:00.123Z')])
  assert.deepEqual(session.get('value'), value)
  assert.equal(session.status, 'unmodified')
  assert.equal((await manager.commit(session)).outcome, 'unmodified')
  assert.equal((await manager.store.find(token)).data.toString(), document)
  for (const change of [(v) => { v[0] = 0 }, (v) => { v[3] = 2n ** 62n }, (v) => v[4].setTime(6), (v) => { v[5][0] = 1 },
    (v) => { delete v[6].b }, (v) => { v[9] = undefined; v.push(undefined) }, (v) => v.reverse()]) {
    const view = await manager.load(token)
    change(view.get('value'))
    assert.equal(view.status, 'modified')
    assert.equal((await manager.commit(view)).outcome, 'saved')
    const wanted = view.get('value').map((part) => part === undefined ? null : part)
    assert.deepEqual((await valuesOf(manager, token)).value, wanted)
  }
})

test('what comes after in-place changes wins over them', async () => {
  const initial = { a: [1] }
  const cases = {
    put: [(session) => session.put('a', [2]), [2]],
    'put of the same kind': [(session) => session.put('a', 'text'), 'text'],
    putFloat: [(session) => session.putFloat('a', 3), 3],
    remove: [(session) => session.remove('a'), undefined],
    clear: [(session) => session.clear(), undefined],
    regenerate: [(session) => session.regenerate(), undefined],
    append: [(session) => session.append('a', 'x'), [1, 'changed', 'x']],
    pop: [(session) => assert.deepEqual(session.pop('a'), [1, 'changed']), undefined],
    take: [async (session) => assert.deepEqual(await session.take('a'), [1, 'changed']), undefined]
  }
  for (const [name, [call, wanted]] of Object.entries(cases)) {
    const [manager, token] = await stored(initial)
    const session = await manager.load(token)
    const old = session.get('a')
    old.push('changed')
    await call(session)
    // The program holds no reference to this one any more.
    old.push('lost')
    const result = await manager.commit(session)
    assert.deepEqual((await valuesOf(manager, result.token)).a, wanted, name)
  }
  const [manager, token] = await stored(initial)
  const session = await manager.load(token)
  const old = session.get('a')
  await session.destroy()
  old.push('lost')
  assert.equal((await manager.commit(session)).outcome, 'destroyed')
  assert.equal(await manager.store.count(), 0)
})

test('another request\'s change stays where this one has not changed its copy', async () => {
  const [manager, token] = await stored({ a: [1], b: 1 })
  const [mine, other] = [await manager.load(token), await manager.load(token)]
  const old = mine.get('a')
  other.get('a').push(2)
  await manager.commit(other)
  mine.put('b', 2)
  assert.equal((await manager.commit(mine)).outcome, 'saved')
  assert.deepEqual(await valuesOf(manager, token), { a: [1, 2], b: 2 })
  assert.equal((await manager.commit(mine)).outcome, 'unmodified')
  // What it reads now is the other's.
  assert.deepEqual([old, mine.get('a')], [[1], [1, 2]])
  // A copy that was changed is kept, and the later commit wins.
  const [late, early] = [await manager.load(token), await manager.load(token)]
  late.get('a').push('late')
  early.put('a', 'early')
  await manager.commit(early)
  await manager.commit(late)
  assert.deepEqual((await valuesOf(manager, token)).a, [1, 2, 'late'])
  // Merged sources replace what was changed before.
  const [, another] = await stored({ a: ['theirs'] })
  const source = await manager.load()
  source.put('a', ['theirs'])
  const { token: from } = await manager.commit(source)
  const target = await manager.load(token)
  target.get('a').push('mine')
  await target.mergeFrom(from)
  assert.ok(another)
  await manager.commit(target)
  assert.deepEqual((await valuesOf(manager, token)).a, ['theirs'])
})

test('listed sessions and transactions notice it too', async () => {
  const [manager, token] = await stored({ cart: ['tea'] })
  const { sessions: [listed] } = await manager.list(1)
  listed.get('cart').push('listed')
  await manager.commit(listed)
  await manager.transact(token, (session) => { session.get('cart').push('transact') })
  assert.deepEqual(await valuesOf(manager, token), { cart: ['tea', 'listed', 'transact'] })
})

test('what cannot be stored any more is said with its path, and nothing is stored', async () => {
  const [manager, token] = await stored({ cart: [{ price: 1 }, { price: 2 }, { price: 3 }], n: 1 })
  const session = await manager.load(token)
  session.put('n', 2)
  const cart = session.get('cart')
  cart[2].price = new Map()
  assert.equal(session.status, 'modified')
  const error = await rejects(manager.commit(session), 'InvalidArgument')
  assert.match(error.message, /^cart\[2\]\.price: a session cannot hold a Map;/)
  const again = await rejects(manager.transact(token, (session) => { session.get('cart').at(0).price = () => {} }), 'InvalidArgument')
  assert.match(again.message, /^cart\[0\]\.price: /)
  assert.deepEqual((await valuesOf(manager, token)).n, 1)
  cart[2].price = 4
  assert.equal((await manager.commit(session)).outcome, 'saved')
  assert.deepEqual(await valuesOf(manager, token), { cart: [{ price: 1 }, { price: 2 }, { price: 4 }], n: 2 })
})

test('errors about a value name its path', async () => {
  const session = await open().load()
  const path = (call) => {
    try {
      call()
    } catch (error) {
      assert.ok(error instanceof SessioError, error)
      return error.message.split(': ')[0]
    }
    return assert.fail('it was taken')
  }
  const bad = Symbol('s')
  assert.equal(path(() => session.put('user', { address: { zip: bad } })), 'user.address.zip')
  assert.equal(path(() => session.put('cart', [1, 2, { price: new Date(NaN) }])), 'cart[2].price')
  assert.equal(path(() => session.flash('note', { 'a b': [[bad]], c: 1 })), 'note["a b"][0][0]')
  assert.equal(path(() => session.append('größe', ['\ud800'])), 'größe[0]')
  assert.equal(path(() => session.put('a.b', { '': 2n ** 64n })), '"a.b"[""]')
  assert.equal(path(() => session.put('v', { '\udc00': 1 })), 'v["\\udc00"]')
  const taken = new Uint8Array(4)
  structuredClone(0, { transfer: [taken.buffer] })
  for (const value of [bad, new Date(NaN), new Date(8.64e15), '\ud800', new Map(), 2n ** 65n, taken,
    new Uint8Array(new SharedArrayBuffer(2))]) {
    assert.equal(path(() => session.put('v', value)), 'v')
  }
  const circle = { next: [] }
  circle.next.push(circle)
  assert.match(path(() => session.put('v', circle)), /^v\.next\[0\]\.next\[0\].{40,100}…$/)
})

test('what is assigned to a session is refused, in every program', async () => {
  const manager = open()
  const isTold = (error) => error instanceof SessioError && error.code === 'InvalidArgument' && /session\.put\("/.test(error.message)
  // Code of this kind is not strict.
  const sloppy = runInThisContext('(session, name) => { session[name] = 1 }')
  for (const session of [await manager.load(), manager.lazy()]) {
    for (const name of ['user', 'cart', 'get', 'subject', 'status', 'token', 'then', '__proto__x', '0']) {
      assert.throws(() => { session[name] = 1 }, isTold, name)
      assert.throws(() => sloppy(session, name), isTold, name)
    }
    assert.throws(() => Object.assign(session, { user: 'ada' }), isTold)
    assert.throws(() => { session[Symbol('user')] = 1 }, isTold)
    assert.equal(session.user, undefined)
    assert.equal(session.status, 'unmodified')
    assert.ok(session instanceof Object)
    assert.deepEqual(Object.keys(session), [])
  }
  assert.equal(typeof createRequire(import.meta.url)('../index.js').Session, 'function')
})
