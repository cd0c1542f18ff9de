'use strict'
// The arrays and objects of a session that the program has in its hands: what it changes in them is
// stored with the rest.

const { isDeepStrictEqual, types } = require('node:util')
const { copy, decode, Spelled } = require('./decode')
const { encode } = require('./encode')

// One that is there under a key. `put` is how it was put, as JSON; `read` is how the session spelled
// it when it was last read. Without the first, it came from there.
class Handed {
  constructor (value, put, read) {
    this.value = value
    this.put = put
    this.read = read
  }

  // Compared with what it was when it came into the program's hands, and not with what the session has
  // by now: after a commit that may be another request's.
  isChanged (key) {
    try {
      if (this.put === undefined) return !isSame(this.value, decode(this.read))
      return encode(this.value, key) !== this.put
    } catch {
      // The commit says what is wrong with it.
      return true
    }
  }
}

// isDeepStrictEqual, of which most of the work is not needed for what came out of JSON: `was` is plain.
function isSame (value, was) {
  if (Object.is(value, was)) return true
  if (value === null || was === null || typeof value !== 'object' || typeof was !== 'object') return false
  if (Array.isArray(was)) {
    return Array.isArray(value) && value.length === was.length &&
      was.every((item, index) => isSame(value[index], item))
  }
  if (Object.getPrototypeOf(was) !== Object.prototype || Object.getPrototypeOf(value) !== Object.prototype) {
    return isDeepStrictEqual(value, was)
  }
  const keys = Object.keys(was)
  return Object.keys(value).length === keys.length &&
    keys.every((key) => Object.hasOwn(value, key) && isSame(value[key], was[key]))
}

// Those of one session, by key.
class HandedOut {
  #all = new Map()

  // A value that was put, and its JSON where it has one.
  put (key, value, json) {
    if (json !== undefined && typeof value === 'object' && !types.isArrayBuffer(value)) {
      this.#all.set(key, new Handed(value, json, undefined))
    } else {
      this.#all.delete(key)
    }
  }

  // What the program gets for a value that was read: the object that it has already, unless the session
  // has got another value from elsewhere and the program has not changed its own.
  read (key, value) {
    const handed = this.#all.get(key)
    const isSpelled = value instanceof Spelled
    if (handed !== undefined) {
      if (isSpelled && (handed.read ?? value.text) === value.text) {
        handed.read = value.text
        return handed.value
      }
      if (handed.isChanged(key)) return handed.value
      this.#all.delete(key)
    }
    if (!isSpelled) return value
    const object = copy(value)
    this.#all.set(key, new Handed(object, undefined, value.text))
    return object
  }

  // The program has no hold on it any more.
  forget (key) {
    this.#all.delete(key)
  }

  clear () {
    this.#all.clear()
  }

  get hasChanged () {
    for (const [key, handed] of this.#all) {
      if (handed.isChanged(key)) return true
    }
    return false
  }

  // Puts what has changed, of one key or of all. Throws for what cannot be stored any more.
  settle (put, only) {
    for (const [key, handed] of only === undefined ? this.#all : this.#one(only)) {
      if (!handed.isChanged(key)) continue
      const json = encode(handed.value, key)
      put(key, handed.value, json)
      handed.put = json
      handed.read = undefined
    }
  }

  #one (key) {
    const handed = this.#all.get(key)
    return handed === undefined ? [] : [[key, handed]]
  }
}

module.exports = { HandedOut }
