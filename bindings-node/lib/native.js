'use strict'
// Loads the native part for this platform.

const { existsSync } = require('node:fs')
const path = require('node:path')

// Finding out the C library of a Linux takes milliseconds, and the wrong addon does not load anyway:
// so both are tried.
const libraries = process.platform === 'linux' ? ['-gnu', '-musl'] : ['']

/** @returns {any} what src/lib.rs exports */
function load () {
  const platform = `${process.platform}-${process.arch}`
  const reasons = []
  for (const library of libraries) {
    const file = path.join(__dirname, '..', `native.${platform}${library}.node`)
    if (!existsSync(file)) continue
    try {
      return require(file)
    } catch (error) {
      reasons.push(error)
    }
  }
  const found = reasons.length > 0
    ? `the native part for ${platform} does not load: ${reasons.map((reason) => reason.message).join('; ')}`
    : `this package has no native part for ${platform}; it has to be built from source there`
  throw new Error(`sessio: ${found}`, { cause: reasons[0] })
}

module.exports = load()
