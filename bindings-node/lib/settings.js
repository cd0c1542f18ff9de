'use strict'
// The options of a store or a manager as text for the native part, which knows the names and checks the
// values.

const { invalid } = require('./error')
const { clockNumber } = require('./clock')

// Here a number is milliseconds, as everywhere in Node, and text is read as in a URL.
const durations = ['maxLifetime', 'cleanupInterval', 'timeout', 'lifetime', 'idleTimeout', 'touchInterval', 'endedWindow']

// The core takes one secret a line.
function lines (name, values) {
  for (const value of values) {
    if (typeof value !== 'string' || /[\r\n]/.test(value)) throw invalid(`every item of option ${name} must be a string without line breaks`)
  }
  return values.join('\n')
}

function toText (name, value) {
  if (name === 'cookieSecrets' && Array.isArray(value)) return lines(name, value)
  switch (typeof value) {
    case 'string': return value
    case 'boolean': return String(value)
    case 'number': return durations.includes(name) ? milliseconds(name, value) : String(value)
    default: throw invalid(`option ${name} must be a string, a number or a boolean`)
  }
}

function milliseconds (name, value) {
  if (value >= 0 && value < Infinity) return `${value}ms`
  throw invalid(`option ${name} must be a number of milliseconds of at least 0, or text such as '30s' or '5m'`)
}

function check (options) {
  if (options === null || typeof options !== 'object') throw invalid('options must be an object')
}

// Names and values in turn.
/** @param {Record<string, any>} options */
function texts (options) {
  check(options)
  const texts = []
  for (const [name, value] of Object.entries(options)) {
    if (value === undefined) continue
    texts.push(name, toText(name, value))
  }
  return texts
}

// The options of a store, and the number of its clock.
/** @param {Record<string, any>} options */
function settings (options = {}) {
  check(options)
  const { clock, ...others } = options
  const number = clock === undefined ? undefined : clockNumber(clock)
  if (clock !== undefined && number === undefined) throw invalid('option clock must be a ManualClock')
  return [texts(others), number]
}

module.exports = { settings, texts }
