'use strict'
// Reads back what lib/encode.js writes: JSON in which every type can be told.

const { SessioError } = require('./error')

// A list or map of a session as the native part spells it: what it becomes in JavaScript is for whoever
// hands it out to say.
class Spelled {
  constructor (text) {
    this.text = text
  }
}

function decode (text) {
  const value = JSON.parse(text)
  // Within a string there would be a backslash before the quote.
  return text.includes('{"$') ? untagged(value) : value
}

function untagged (value) {
  if (value === null || typeof value !== 'object') return value
  if (Array.isArray(value)) return within(value)
  const keys = Object.keys(value)
  if (keys.length !== 1 || !keys[0].startsWith('$')) return within(value)
  const content = value[keys[0]]
  switch (keys[0]) {
    case '$int': return BigInt(content)
    case '$float': return Number(content)
    case '$bytes': return Buffer.from(content, 'base64')
    case '$time': return new Date(content)
    case '$map': return within(content)
    default: throw new SessioError('Internal', 'lib/decode.js does not fit the native part')
  }
}

// JSON.parse has made every key the object's own, __proto__ too; so it stays.
function within (values) {
  for (const key of Object.keys(values)) setOwn(values, key, untagged(values[key]))
  return values
}

function setOwn (object, key, value) {
  if (key !== '__proto__') object[key] = value
  else Object.defineProperty(object, key, { value, enumerable: true, configurable: true, writable: true })
}

// A value of an answer, or an object of them, as copies.
function copy (value) {
  return value instanceof Spelled ? decode(value.text) : value
}

function copies (values) {
  for (const key of Object.keys(values)) {
    if (values[key] instanceof Spelled) setOwn(values, key, decode(values[key].text))
  }
  return values
}

module.exports = { Spelled, copies, copy, decode, setOwn }
