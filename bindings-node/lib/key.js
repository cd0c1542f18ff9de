'use strict'

const { inspect } = require('node:util')
const { invalid } = require('./error')

let target

// What the table holds for a session. As secret as the table: nothing prints it by accident.
class Key {
  #text
  #bytes

  constructor (text) {
    if (typeof text !== 'string') throw invalid('a key is made from the text of a listed key')
    this.#text = text
  }

  // The bridge needs this file first.
  static parse (text) {
    const { native, answer } = require('./bridge')
    return answer(native.parseKey(text))
  }

  get id () {
    const { native, answer } = require('./bridge')
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
    // The native part takes strings for tokens and bytes for keys. Anything else becomes what it
    // refuses.
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
