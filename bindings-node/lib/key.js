'use strict'
// The keys of listed sessions, and what may stand for a session: a token or a key.

const { inspect } = require('node:util')
const { invalid } = require('./error')

let target

// What the table has instead of the token. As secret as the table, so printing does not show it.
class Key {
  #text
  #bytes

  constructor (text) {
    if (typeof text !== 'string') throw invalid('the text of a key must be a string')
    this.#text = text
  }

  // Required here, because lib/calls.js requires this file.
  static parse (text) {
    const { native, answer } = require('./calls')
    return answer(native.parseKey(text))
  }

  get id () {
    const { native, answer } = require('./calls')
    return answer(native.keyId(target(this)))
  }

  toString () {
    return this.#text
  }

  equals (other) {
    return other instanceof Key && other.#text === this.#text
  }

  toJSON () {
    return {}
  }

  [inspect.custom] () {
    return 'Key {}'
  }

  static {
    // The native part takes a string as a token and bytes as a key. It refuses `false`.
    target = (value) => {
      if (typeof value === 'string') return value
      if (value === null || typeof value !== 'object' || !(#text in value)) return false
      return (value.#bytes ??= Buffer.from(value.#text))
    }
  }
}

function targetOrNothing (value) {
  return value === undefined || value === null ? undefined : target(value)
}

module.exports = { Key, target, targetOrNothing }
