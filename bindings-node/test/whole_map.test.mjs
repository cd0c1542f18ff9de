// Programs that hold all values of a session in one object of their own.

import assert from 'node:assert/strict'
import test from 'node:test'
import { SessioError, SessionManager, Store } from '../index.mjs'
import { rejects } from './helpers.mjs'

const open = (options) => new SessionManager(new Store('memory:', { cleanupInterval: 0 }), options)

const everything = {
  s: 'text', n: 1, f: 0.5, b: true, none: null, big: 2n ** 63n, minus: -0, nan: NaN, d: new Date(5), u: Buffer.from('x'),
  a: [1, [2n ** 60n]], o: { $int: '5' }, $map: 1, ['__proto__']: 1
}

async function stored (values, options) {
  const manager = open(options)
  const session = await manager.load()
  session.assign(values)
  return [manager, (await manager.commit(session)).token]
}

test('a whole map goes in and comes out, in each form and codec', async () => {
  for (const codec of ['json', 'msgpack']) {
    for (const values of [everything, {}, { $int: '5' }, { $map: {} }, JSON.parse('{"__proto__": {"$a": 1}}')]) {
      const [manager, token] = await stored(values, { codec })
      if (token === null) continue
      assert.deepEqual((await manager.load(token)).snapshot(), values)
      assert.deepEqual(await manager.lazy(token).snapshot(), values)
      assert.deepEqual((await manager.load(token)).values(), values)
      const again = await manager.load(token)
      again.assign(again.snapshot())
      assert.equal(again.status, 'unmodified')
    }
  }
})

test('only differences are changes', async () => {
  const [manager, token] = await stored({ a: 1, b: [1, { c: NaN }], gone: 1 })
  const [one, other] = [await manager.load(token), await manager.load(token)]
  one.assign({ a: 2, b: [1, { c: NaN }] })
  other.assign({ a: 1, b: [1, { c: 2 }], gone: 1, more: 1 })
  await manager.commit(one)
  await manager.commit(other)
  assert.deepEqual((await manager.load(token)).snapshot(), { a: 2, b: [1, { c: 2 }], more: 1 })
  const view = await manager.load(token)
  assert.deepEqual([view.putIfChanged('a', 2), view.putIfChanged('b', [1, { c: 2 }]), view.putIfChanged('a', 2n)], [false, false, false])
  assert.equal(view.status, 'unmodified')
  assert.deepEqual([view.putIfChanged('a', 3), await manager.lazy(token).putIfChanged('b', [])], [true, true])
})

test('what was changed in place is in a snapshot, and is replaced by what is assigned', async () => {
  const [manager, token] = await stored({ cart: [1], user: { name: 'ada' } })
  for (const session of [await manager.load(token), manager.lazy(token)]) {
    const cart = await session.get('cart')
    cart.push(2)
    const whole = await session.snapshot()
    assert.deepEqual(whole, { cart: [1, 2], user: { name: 'ada' } })
    // These are copies.
    whole.user.name = 'eve'
    await session.assign({ cart: ['new'] })
    cart.push('lost')
    assert.deepEqual(await session.values(), { cart: ['new'] })
  }
})

test('what is lenient takes what JSON.stringify takes', async () => {
  class Cart {
    constructor () {
      this.items = [1]
      this.total = () => 1
    }
  }
  const values = {
    cart: new Cart(), when: new Date(5), never: new Date(NaN), f () {}, none: undefined, list: [undefined, () => {}, NaN],
    map: new Map([[1, 2]]), own: { toJSON: () => 'mine' }, $int: '5', deep: { $int: '5' }, s: Symbol('s'), text: Object('x')
  }
  const manager = open()
  for (const session of [await manager.load(), manager.lazy()]) {
    await session.assign(values, { lenient: true })
    assert.deepEqual(await session.snapshot(), JSON.parse(JSON.stringify(values)))
    await session.assign(new Cart(), { lenient: true })
    assert.deepEqual(await session.snapshot(), { items: [1] })
    const circle = {}
    circle.self = circle
    for (const bad of [{ a: 1n }, circle, undefined, null, 'text', [1], { toJSON: () => 7 }]) {
      await assert.rejects(async () => session.assign(bad, { lenient: true }),
        (error) => error instanceof SessioError && error.code === 'InvalidArgument', `${bad}`)
    }
    await assert.rejects(async () => session.assign({ toJSON () { throw new RangeError('mine') } }, { lenient: true }), /mine/)
    assert.deepEqual(await session.snapshot(), { items: [1] })
  }
})

test('what cannot be assigned is refused with its path', async () => {
  const [manager, token] = await stored({ a: 1 })
  const session = await manager.load(token)
  const refuses = async (values, options, message) => {
    await assert.rejects(async () => session.assign(values, options), (error) => error instanceof SessioError && message.test(error.message))
    assert.match((await rejects(manager.lazy(token).assign(values, options), 'InvalidArgument')).message, message)
  }
  await refuses({ cart: [1, { price: new Map() }] }, undefined, /^cart\[1\]\.price: a session cannot hold a Map;/)
  await refuses({ 'a b': Symbol('s') }, undefined, /^"a b": a session cannot hold/)
  for (const bad of [undefined, null, 7, 'text', [], new Map(), new Date(), session]) {
    await refuses(bad, undefined, /must be a plain object/)
  }
  await refuses({}, { lenient: 1 }, /lenient must be true or false/)
  await refuses({}, { lenint: true }, /there is no option "lenint"/)
  await assert.rejects(async () => session.putIfChanged('v', [() => {}]), /^SessioError: v\[0\]: /)
  assert.deepEqual([session.status, session.snapshot()], ['unmodified', { a: 1 }])
})
