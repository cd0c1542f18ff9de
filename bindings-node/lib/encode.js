'use strict'
// A value of JavaScript's as JSON in which every type can be told: that of the core's json codec.

const { types } = require('node:util')
const { native, answer } = require('./bridge')
const { SessioError, invalid } = require('./error')

// More lists and maps within one another than the core takes.
const TOO_DEEP = answer(native.maxDepth()) + 1

// A value of more parts is larger than any table holds, and what repeats itself can have any number.
const MOST_PARTS = 1 << 22

// The bits of the largest integers.
const WORD = 64

let parts = 0

function refuse (what) {
  return invalid(`a session cannot hold ${what}; it holds null, booleans, numbers, bigints, ` +
    'strings, Buffers, Dates, arrays and plain objects')
}

// Nothing for what the native part takes as it is, otherwise the value as JSON.
function encode (value) {
  switch (typeof value) {
    case 'string':
    case 'number':
    case 'boolean':
      return undefined
    case 'object':
      if (value === null || types.isUint8Array(value) || types.isDate(value)) return undefined
  }
  parts = 0
  try {
    return json(value, 1)
  } catch (error) {
    if (error.message !== 'Invalid string length' && error.code !== 'ERR_STRING_TOO_LONG') throw error
    throw new SessioError('TooLarge', 'this value is longer than any string of JavaScript')
  }
}

function json (value, depth) {
  if (++parts > MOST_PARTS) {
    throw new SessioError('TooLarge', `a value has at most ${MOST_PARTS} parts`)
  }
  switch (typeof value) {
    case 'string': return string(value)
    case 'number': return number(value)
    case 'boolean': return value ? 'true' : 'false'
    case 'bigint': return bigint(value)
    case 'object': return object(value, depth)
    case 'undefined': throw refuse('undefined')
    default: throw refuse(`a ${typeof value}`)
  }
}

function string (value) {
  if (!value.isWellFormed()) {
    throw invalid('the value holds half of a surrogate pair, which is no text')
  }
  return JSON.stringify(value)
}

function number (value) {
  if (Number.isSafeInteger(value)) return Object.is(value, -0) ? '-0.0' : String(value)
  if (!Number.isFinite(value)) return `{"$float":"${value}"}`
  const text = String(value)
  // Without a point it would be an integer.
  return Number.isInteger(value) && !text.includes('e') ? `${text}.0` : text
}

function bigint (value) {
  if (BigInt.asIntN(WORD, value) !== value && BigInt.asUintN(WORD, value) !== value) {
    throw invalid('an integer of a session is at least -2^63 and less than 2^64')
  }
  return `{"$int":"${value}"}`
}

function object (value, depth) {
  if (value === null) return 'null'
  if (Array.isArray(value)) return list(value, depth)
  if (types.isDate(value)) return date(value)
  if (types.isUint8Array(value) || types.isArrayBuffer(value)) return bytes(value)
  const prototype = Object.getPrototypeOf(value)
  // Those of other contexts have a prototype of their own that ends as ours does.
  if (prototype !== null && prototype !== Object.prototype &&
    Object.getPrototypeOf(prototype) !== null) {
    throw refuse(`a ${value.constructor?.name || 'class instance'}`)
  }
  return map(value, depth)
}

function date (value) {
  const millis = Date.prototype.getTime.call(value)
  if (Number.isNaN(millis)) throw invalid('this Date is invalid')
  const text = new Date(millis).toISOString()
  if (!/^(?!0000)\d{4}-/.test(text)) throw invalid('a Date of a session is within the years 1 to 9999')
  return `{"$time":"${text}"}`
}

function bytes (value) {
  const memory = types.isArrayBuffer(value) ? value : value.buffer
  if (!types.isArrayBuffer(memory)) {
    throw invalid('bytes in a SharedArrayBuffer can change at any moment; copy them')
  }
  let view
  try {
    view = Buffer.from(memory, value.byteOffset ?? 0, value.byteLength)
  } catch {
    throw invalid('these bytes were transferred to somebody else')
  }
  return `{"$bytes":"${view.toString('base64')}"}`
}

function enter (depth) {
  if (depth >= TOO_DEEP) {
    throw invalid('the value has too many arrays and objects within one another, or holds itself')
  }
}

function list (values, depth) {
  enter(depth)
  let text = '['
  for (let index = 0; index < values.length; index++) {
    if (index > 0) text += ','
    text += json(values[index], depth + 1)
  }
  return text + ']'
}

function map (values, depth) {
  enter(depth)
  let text = '{'
  const keys = Object.keys(values)
  for (const key of keys) {
    if (text.length > 1) text += ','
    text += `${string(key)}:${json(values[key], depth + 1)}`
  }
  // Or it would be read as one of the tags.
  return keys.length === 1 && keys[0].startsWith('$') ? `{"$map":${text}}}` : `${text}}`
}

module.exports = { encode }
