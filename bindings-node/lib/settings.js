'use strict'
// The options of a store as the text that the core takes: it knows the names and checks the values.

const { invalid } = require('./error')
const { clockNumber } = require('./clock')

// A number of these is milliseconds, as everywhere in Node. Text is read as in a URL.
const durations = ['cleanupInterval', 'timeout']

function toText (name, value) {
  switch (typeof value) {
    case 'string': return value
    case 'boolean': return String(value)
    case 'number': return durations.includes(name) ? `${value}ms` : String(value)
    default: throw invalid(`option ${name} must be text, a number or a boolean`)
  }
}

// Names and values in turn, and the number of the clock.
/** @param {Record<string, any>} options */
function settings (options = {}) {
  if (options === null || typeof options !== 'object') throw invalid('options must be an object')
  const { clock, ...others } = options
  const texts = []
  for (const [name, value] of Object.entries(others)) {
    if (value === undefined) continue
    // The core's names have underscores. In JavaScript there is one spelling, not two.
    const coreName = name.replace(/[A-Z_]/g, (char) => char === '_' ? '-' : `_${char.toLowerCase()}`)
    texts.push(coreName, toText(name, value))
  }
  const number = clock === undefined ? undefined : clockNumber(clock)
  if (clock !== undefined && number === undefined) throw invalid('clock must be a ManualClock')
  return [texts, number]
}

module.exports = { settings }
