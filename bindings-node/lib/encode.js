'use strict'
// A value of JavaScript's as JSON in which every type can be told: that of the core's json codec.

const { types } = require('node:util')
const { native, answer } = require('./bridge')
const { SessioError, invalid } = require('./error')

// More lists and maps within one another than the core takes.
const TOO_DEEP = answer(native.maxDepth()) + 1

// A value of more parts is larger than any table holds, and what repeats itself can have any number.
const MOST_PARTS = 1 << 22

// The first and the last millisecond of the years 1 to 9999.
const FIRST = -62135596800000
const LAST = 253402300799999

// The bits of the largest integers.
const WORD = 64

let parts = 0

// Where within the value something is wrong: the keys and indices that lead there, innermost first.
let steps = []

// A path longer than this is cut: what holds itself has a long one.
const LONG_PATH = 80

function refuse (what) {
  return invalid(`a session cannot hold ${what}; it holds null, booleans, numbers, bigints, ` +
    'strings, Buffers, Dates, arrays and plain objects')
}

// The value of a key: nothing for what the native part takes as it is, otherwise the value as JSON.
// What is wrong with a value is said with its path.
function encode (value, key) {
  return isTaken(value) ? undefined : spell(value, key)
}

// The values of a whole session as JSON. What is lenient takes what JSON.stringify takes, as that does.
function encodeAll (values, isLenient) {
  const plain = isLenient ? asJson(values) : values
  if (!isPlain(plain)) throw invalid('what is assigned must be a plain object, with the values by key')
  return spell(plain)
}

function asJson (values) {
  let text
  try {
    text = JSON.stringify(values)
  } catch (error) {
    // What holds itself, and bigints. What the program's own functions throw is passed on.
    if (!(error instanceof TypeError)) throw error
    throw invalid(`JSON has no form for this: ${error.message.split('\n')[0]}`)
  }
  return text === undefined ? undefined : JSON.parse(text)
}

// The JSON of a value, or of all values where there is no key.
function spell (value, key) {
  parts = 0
  steps = []
  try {
    return json(value, 1)
  } catch (error) {
    if (error instanceof SessioError) throw new SessioError(error.code, path(key) + error.message)
    // What a getter of the program's throws may be anything.
    if (error?.message !== 'Invalid string length' && error?.code !== 'ERR_STRING_TOO_LONG') throw error
    throw new SessioError('TooLarge', 'this value is longer than any string of JavaScript')
  }
}

// Whether the native part takes it as it is. What it would refuse is left to `json`, which says where.
function isTaken (value) {
  switch (typeof value) {
    case 'string': return isText(value)
    case 'number':
    case 'boolean': return true
    case 'object':
      if (value === null) return true
      if (types.isUint8Array(value)) return value.length > 0 && types.isArrayBuffer(value.buffer)
      return types.isDate(value) && isStorable(Date.prototype.getTime.call(value))
    default: return false
  }
}

// Half of a surrogate pair is none.
/** @param {any} value */
function isText (value) {
  return value.isWellFormed()
}

// Of the instants of a Date.
function isStorable (millis) {
  return millis >= FIRST && millis <= LAST
}

// As a program would write it: user.address.zip, cart[2].price.
function path (key) {
  const [first, ...more] = key === undefined ? steps.reverse() : [key, ...steps.reverse()]
  // A key that is no text is refused by the native part, and the value of none.
  if (typeof first !== 'string') return ''
  let text = name(first)
  for (const step of more) {
    if (text.length > LONG_PATH) return `${text}…: `
    const part = typeof step === 'number' ? String(step) : name(step)
    text += typeof step === 'number' || part !== step ? `[${part}]` : `.${part}`
  }
  return `${text}: `
}

function name (key) {
  return /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(key) ? key : JSON.stringify(key)
}

// Notes where it happened on the way out.
function within (step, error) {
  steps.push(step)
  return error
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
  if (!isText(value)) {
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
  if (!isPlain(value)) throw refuse(`a ${value.constructor?.name || 'class instance'}`)
  return map(value, depth)
}

// An object that has no class.
function isPlain (value) {
  if (value === null || typeof value !== 'object') return false
  const prototype = Object.getPrototypeOf(value)
  // Those of other contexts have a prototype of their own that ends as ours does.
  return prototype === null || prototype === Object.prototype || Object.getPrototypeOf(prototype) === null
}

function date (value) {
  const millis = Date.prototype.getTime.call(value)
  if (Number.isNaN(millis)) throw invalid('this Date is invalid')
  if (!isStorable(millis)) throw invalid('a Date of a session is within the years 1 to 9999')
  return `{"$time":"${new Date(millis).toISOString()}"}`
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
  let index = 0
  try {
    for (; index < values.length; index++) {
      if (index > 0) text += ','
      // As in JSON: an array has no gaps.
      const value = values[index]
      text += value === undefined ? 'null' : json(value, depth + 1)
    }
  } catch (error) {
    throw within(index, error)
  }
  return text + ']'
}

function map (values, depth) {
  enter(depth)
  let text = '{'
  let count = 0
  let last = ''
  try {
    for (const key of Object.keys(values)) {
      last = key
      const value = values[key]
      // As in JSON, it is left out.
      if (value === undefined) continue
      if (count++ > 0) text += ','
      text += `${string(key)}:${json(value, depth + 1)}`
    }
  } catch (error) {
    throw within(last, error)
  }
  // Or it would be read as one of the tags.
  return count === 1 && text.startsWith('{"$') ? `{"$map":${text}}}` : `${text}}`
}

module.exports = { encode, encodeAll }
