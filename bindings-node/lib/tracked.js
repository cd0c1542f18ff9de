'use strict'
// Tracked values: the arrays and objects of a session that the program holds. The commit stores what the
// program has changed within them.

const { isDeepStrictEqual, types } = require('node:util')
const { copy, decode, JsonText } = require('./decode')
const { encode } = require('./encode')

// The value of one key. `put` is its JSON when the program put it; `read` is the JSON that the session had
// when the program read it last. A value that was only read has no `put`.
class TrackedValue {
  constructor (value, put, read) {
    this.value = value
    this.put = put
    this.read = read
  }

  // Compared with the value that the program got or gave, and not with the session's present one: after
  // a commit that may come from another request.
  isChanged (key) {
    try {
      if (this.put === undefined) return !isSame(this.value, decode(this.read))
      return encode(this.value, key) !== this.put
    } catch {
      // It cannot be stored any more. The commit fails with the reason.
      return true
    }
  }
}

// As isDeepStrictEqual, most of which is not needed here: `before` comes from JSON.
function isSame (value, before) {
  if (Object.is(value, before)) return true
  if (value === null || before === null || typeof value !== 'object' || typeof before !== 'object') return false
  if (Array.isArray(before)) {
    return Array.isArray(value) && value.length === before.length &&
      before.every((item, index) => isSame(value[index], item))
  }
  if (Object.getPrototypeOf(before) !== Object.prototype || Object.getPrototypeOf(value) !== Object.prototype) {
    return isDeepStrictEqual(value, before)
  }
  const keys = Object.keys(before)
  return Object.keys(value).length === keys.length &&
    keys.every((key) => Object.hasOwn(value, key) && isSame(value[key], before[key]))
}

// The tracked values of one session, by key.
class TrackedValues {
  #byKey = new Map()

  // After the program put a value. `json` is undefined for a value that is not tracked.
  put (key, value, json) {
    if (json !== undefined && typeof value === 'object' && !types.isArrayBuffer(value)) {
      this.#byKey.set(key, new TrackedValue(value, json, undefined))
    } else {
      this.#byKey.delete(key)
    }
  }

  // What the program gets for a value that the session has: the object that it holds already, unless the
  // session has another value by now and the program has not changed its object.
  read (key, value) {
    const tracked = this.#byKey.get(key)
    const isJson = value instanceof JsonText
    if (tracked !== undefined) {
      if (isJson && (tracked.read ?? value.text) === value.text) {
        tracked.read = value.text
        return tracked.value
      }
      if (tracked.isChanged(key)) return tracked.value
      this.#byKey.delete(key)
    }
    if (!isJson) return value
    const object = copy(value)
    this.#byKey.set(key, new TrackedValue(object, undefined, value.text))
    return object
  }

  delete (key) {
    this.#byKey.delete(key)
  }

  clear () {
    this.#byKey.clear()
  }

  get hasChanged () {
    for (const [key, tracked] of this.#byKey) {
      if (tracked.isChanged(key)) return true
    }
    return false
  }

  // Calls `put` for each value that has changed; with a key, for its value alone. Throws for a value that
  // cannot be stored any more.
  putChanged (put, only) {
    for (const [key, tracked] of only === undefined ? this.#byKey : this.#one(only)) {
      if (!tracked.isChanged(key)) continue
      const json = encode(tracked.value, key)
      put(key, tracked.value, json)
      tracked.put = json
      tracked.read = undefined
    }
  }

  #one (key) {
    const tracked = this.#byKey.get(key)
    return tracked === undefined ? [] : [[key, tracked]]
  }
}

module.exports = { TrackedValues }
