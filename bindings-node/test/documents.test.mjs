// Each value of tests/documents.json: stored as exactly these bytes, read with its type.

import assert from 'node:assert/strict'
import test from 'node:test'
import { ManualClock, SessionManager, Store, generateToken } from '../index.mjs'
import { documents, isFloat } from './values.mjs'

const START = new Date('2024-01-01T00:00:00Z')

function open (codec) {
  const store = new Store('memory:', { cleanupInterval: 0, clock: new ManualClock(START) })
  return { store, manager: new SessionManager(store, { codec }) }
}

for (const codec of ['json', 'msgpack']) {
  test(`every kind of value is stored as every language stores it, in ${codec}`, async () => {
    for (const { name, stored, value, isExact } of documents(codec)) {
      // A Date has no microseconds to store.
      if (!isExact) continue
      const { store, manager } = open(codec)
      const session = await manager.load()
      if (isFloat(value)) session.putFloat('v', value.float)
      else session.put('v', value)
      const { token } = await manager.commit(session)
      const { data } = await store.find(token)
      assert.equal(data.toString('hex'), stored.toString('hex'), name)
    }
  })

  test(`every kind of value is read with its type, from ${codec}`, async () => {
    let count = 0
    for (const { name, stored, value } of documents(codec)) {
      const { store, manager } = open(codec)
      const token = generateToken()
      await store.save(token, stored, null)
      const session = await manager.load(token)
      const wanted = isFloat(value) ? value.float : value
      assert.deepEqual(session.get('v'), wanted, name)
      assert.deepEqual(session.values(), { v: wanted }, name)
      assert.deepEqual(session.pop('v'), wanted, name)
      count++
    }
    assert.equal(count, 58)
  })
}
