'use strict'
// The options of a store or a manager as the text that the core takes: it knows the names and checks the values.

const { invalid } = require('./error')
const { clockNumber } = require('./clock')

// A number of these is milliseconds, as everywhere in Node. Text is read as in a URL.
const durations = ['maxLifetime', 'cleanupInterval', 'timeout', 'lifetime', 'idleTimeout', 'touchInterval', 'endedWindow']

// The core takes one a line.
function lines (name, values) {
  for (const value of values) {
    if (typeof value !== 'string' || /[\r\n]/.test(value)) throw invalid(`each of option ${name} must be text in one line`)
  }
  return values.join('\n')
}

function toText (name, value) {
  if (name === 'cookieSecrets' && Array.isArray(value)) return lines(name, value)
  switch (typeof value) {
    case 'string': return value
    case 'boolean': return String(value)
    case 'number': return durations.includes(name) ? `${value}ms` : String(value)
    default: throw invalid(`option ${name} must be text, a number or a boolean`)
  }
}

function camel (name) {
  return name.replace(/[_-]+(.?)/g, (_, char) => char.toUpperCase())
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
    // The core's names have underscores. In JavaScript there is one spelling, not two.
    if (/[_-]/.test(name)) throw invalid(`there is no option ${JSON.stringify(name)}; in JavaScript it is ${camel(name)}`)
    const coreName = name.replace(/[A-Z]/g, (char) => `_${char.toLowerCase()}`)
    texts.push(coreName, toText(name, value))
  }
  return texts
}

// The options of a store, and the number of its clock.
/** @param {Record<string, any>} options */
function settings (options = {}) {
  check(options)
  const { clock, ...others } = options
  const number = clock === undefined ? undefined : clockNumber(clock)
  if (clock !== undefined && number === undefined) throw invalid('clock must be a ManualClock')
  return [texts(others), number]
}

module.exports = { settings, texts }
