'use strict'
// Decodes values from JSON with tags for the types that JSON does not have: lib/encode.js writes it.

const { SessioError } = require('./error')

// An array or object of a session, still as JSON: it is decoded where it is needed.
class JsonText {
  constructor (text) {
    this.text = text
  }
}

function decode (text) {
  const value = JSON.parse(text)
  // Only a tag has this text: within a string a backslash precedes the quote.
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
    default: throw new SessioError('Internal', 'lib/decode.js cannot read this value; please report it')
  }
}

// JSON.parse makes every key the object's own, __proto__ too; setOwn keeps it so.
function within (values) {
  for (const key of Object.keys(values)) setOwn(values, key, untagged(values[key]))
  return values
}

function setOwn (object, key, value) {
  if (key !== '__proto__') object[key] = value
  else Object.defineProperty(object, key, { value, enumerable: true, configurable: true, writable: true })
}

// A value of a response, decoded; and an object of such values.
function copy (value) {
  return value instanceof JsonText ? decode(value.text) : value
}

function copies (values) {
  for (const key of Object.keys(values)) {
    if (values[key] instanceof JsonText) setOwn(values, key, decode(values[key].text))
  }
  return values
}

module.exports = { JsonText, copies, copy, decode, setOwn }
