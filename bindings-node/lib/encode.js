'use strict'
// Encodes JavaScript values as the JSON of the core's json codec, which has tags for the types that JSON
// does not have.

const { types } = require('node:util')
const { native, answer } = require('./calls')
const { SessioError, invalid } = require('./error')

// The first depth of nested arrays and objects that the core refuses.
const TOO_DEEP = answer(native.maxDepth()) + 1

// A value of more parts is larger than any table holds; an object that refers to one part many times can
// have any number of them.
const MAX_PARTS = 1 << 22

// The first and the last millisecond of the years 1 to 9999.
const MIN_MILLIS = -62135596800000
const MAX_MILLIS = 253402300799999

const INTEGER_BITS = 64

let parts = 0

// The path to what is wrong within the value: keys and indices, innermost first.
let steps = []

// A longer path is cut: an object that contains itself has a long one.
const MAX_PATH = 80

function refuse (what) {
  return invalid(`a session cannot hold ${what}; it holds null, booleans, numbers, bigints, ` +
    'strings, Buffers, Dates, arrays and plain objects')
}

// The value of a key as JSON; `undefined` if the native part takes the value as it is. An error begins
// with the path to what is wrong.
function encode (value, key) {
  return isNative(value) ? undefined : toJson(value, key)
}

// The values of a whole session as JSON. `isLenient` accepts what JSON.stringify accepts, and converts as
// it does.
function encodeAll (values, isLenient) {
  const plain = isLenient ? asJson(values) : values
  if (!isPlain(plain)) throw invalid('the values to assign must be a plain object')
  return toJson(plain)
}

function asJson (values) {
  let text
  try {
    text = JSON.stringify(values)
  } catch (error) {
    // A TypeError is for bigints and circular objects. Errors of the program's toJSON are passed on.
    if (!(error instanceof TypeError)) throw error
    throw invalid(`JSON.stringify cannot convert this: ${error.message.split('\n')[0]}`)
  }
  return text === undefined ? undefined : JSON.parse(text)
}

// The JSON of a value; without a key, of the object of all values.
function toJson (value, key) {
  parts = 0
  steps = []
  try {
    return json(value, 1)
  } catch (error) {
    if (error instanceof SessioError) throw new SessioError(error.code, path(key) + error.message)
    // A getter of the program can throw anything.
    if (error?.message !== 'Invalid string length' && error?.code !== 'ERR_STRING_TOO_LONG') throw error
    throw new SessioError('TooLarge', 'the value as JSON is longer than a JavaScript string can be')
  }
}

// Whether the native part takes the value as it is. Values that it would refuse go through `json`, whose
// errors have the path.
function isNative (value) {
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

// Not with half of a surrogate pair.
/** @param {any} value */
function isText (value) {
  return value.isWellFormed()
}

// The years 1 to 9999.
function isStorable (millis) {
  return millis >= MIN_MILLIS && millis <= MAX_MILLIS
}

// As a program would write it: user.address.zip, cart[2].price.
function path (key) {
  const [first, ...more] = key === undefined ? steps.reverse() : [key, ...steps.reverse()]
  // No path: without a key it is all values, and a key that is not a string is refused later.
  if (typeof first !== 'string') return ''
  let text = name(first)
  for (const step of more) {
    if (text.length > MAX_PATH) return `${text}…: `
    const part = typeof step === 'number' ? String(step) : name(step)
    text += typeof step === 'number' || part !== step ? `[${part}]` : `.${part}`
  }
  return `${text}: `
}

function name (key) {
  return /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(key) ? key : JSON.stringify(key)
}

// Adds a step to the path while the error passes through.
function at (step, error) {
  steps.push(step)
  return error
}

function json (value, depth) {
  if (++parts > MAX_PARTS) {
    throw new SessioError('TooLarge', `a value can have at most ${MAX_PARTS} parts`)
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
    throw invalid('the value holds half of a surrogate pair, which is not valid text')
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
  if (BigInt.asIntN(INTEGER_BITS, value) !== value && BigInt.asUintN(INTEGER_BITS, value) !== value) {
    throw invalid('an integer of a session must be at least -2^63 and less than 2^64')
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

// Not an instance of a class.
function isPlain (value) {
  if (value === null || typeof value !== 'object') return false
  const prototype = Object.getPrototypeOf(value)
  // Another context (node:vm) has an Object.prototype of its own.
  return prototype === null || prototype === Object.prototype || Object.getPrototypeOf(prototype) === null
}

function date (value) {
  const millis = Date.prototype.getTime.call(value)
  if (Number.isNaN(millis)) throw invalid('the Date is invalid')
  if (!isStorable(millis)) throw invalid('a Date of a session must be within the years 1 to 9999')
  return `{"$time":"${new Date(millis).toISOString()}"}`
}

function bytes (value) {
  const memory = types.isArrayBuffer(value) ? value : value.buffer
  if (!types.isArrayBuffer(memory)) {
    throw invalid('bytes in a SharedArrayBuffer can change during the call; pass a copy')
  }
  let view
  try {
    view = Buffer.from(memory, value.byteOffset ?? 0, value.byteLength)
  } catch {
    throw invalid('the ArrayBuffer of these bytes was transferred; pass a copy')
  }
  return `{"$bytes":"${view.toString('base64')}"}`
}

function enter (depth) {
  if (depth >= TOO_DEEP) {
    throw invalid('the value has too many nested arrays and objects, or contains itself')
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
    throw at(index, error)
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
    throw at(last, error)
  }
  // Otherwise it would be read as a tag.
  return count === 1 && text.startsWith('{"$') ? `{"$map":${text}}}` : `${text}}`
}

module.exports = { encode, encodeAll }
