// Values of sessions from what the json codec writes, by hand, so that the package's own converter
// is not tested with itself.

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'

const listed = JSON.parse(readFileSync(new URL('../../tests/documents.json', import.meta.url), 'utf8'))

const tags = {
  $int: (text) => BigInt(text),
  $float: (text) => Number(text),
  $bytes: (text) => Buffer.from(text, 'base64'),
  // What a Date has no room for is cut off.
  $time: (text) => new Date(text.replace(/(\.\d{3})\d*Z$/, '$1Z'))
}

function pairs (entries) {
  const object = {}
  for (const [key, value] of entries) {
    Object.defineProperty(object, key, { value, enumerable: true, configurable: true, writable: true })
  }
  return object
}

// The map of all values is no value itself: it never looks like a tag.
export const inside = (content) => pairs(Object.entries(content).map(([key, value]) => [key, toNative(value)]))

// The values of vectors as JavaScript values.
export function toNative (value) {
  if (Array.isArray(value)) return value.map(toNative)
  if (value === null || typeof value !== 'object') return value
  const [key, ...more] = Object.keys(value)
  if (more.length > 0 || !key?.startsWith('$')) return inside(value)
  if (key === '$map') return inside(value.$map)
  assert.ok(Object.hasOwn(tags, key), `there is no tag ${key}`)
  return tags[key](value[key])
}

// The values of tests/documents.json. Where JavaScript has a float that looks like an integer, the
// value is `{ float }`: it is put by `putFloat`. Not exact is a time that a Date has no room for.
export function documents (codec) {
  return listed.map(({ name, kind, json, msgpack }) => {
    const spelled = JSON.parse(json).values.v
    const native = toNative(spelled)
    const value = kind === 'float' && Number.isSafeInteger(native) ? { [FLOAT]: true, float: native } : native
    const stored = codec === 'json' ? Buffer.from(json) : Buffer.from(msgpack, 'hex')
    const isExact = spelled?.$time === undefined || /\.\d{3}000Z$/.test(spelled.$time)
    return { name, kind, stored, value, isExact }
  })
}

const FLOAT = Symbol('float')
export const isFloat = (value) => value !== null && typeof value === 'object' && FLOAT in value
