'use strict'
// The options of a store or a manager as text for the native part, which knows the names and checks the
// values.

const { invalid } = require('./error')
const { clockNumber } = require('./clock')

// Of a duration a number is milliseconds, as everywhere in Node, and text is read as in a URL; a list is an
// array or text.
// Made by `cargo xtask gen` from `api/options.toml` and `api/manager_options.toml`: change those.
const durations = ['maxLifetime', 'cleanupInterval', 'timeout', 'lifetime', 'idleTimeout', 'touchInterval', 'endedWindow']
const lists = ['cookieSecrets']
// The end of what `cargo xtask gen` makes.

// The core takes one item a line.
function lines (name, values) {
  for (const value of values) {
    if (typeof value !== 'string' || /[\r\n]/.test(value)) throw invalid(`every item of option ${name} must be a string without line breaks`)
  }
  return values.join('\n')
}

function toText (name, value) {
  if (lists.includes(name) && Array.isArray(value)) return lines(name, value)
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
