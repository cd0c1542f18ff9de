'use strict'
// The error that every failed call throws or rejects with.
class SessioError extends Error {
  constructor (code, message, { retryable = false, errno = null, sqlState = null } = {}) {
    super(message)
    this.code = code
    this.retryable = retryable
    this.errno = errno
    this.sqlState = sqlState
  }
}

// On the prototype, as the names of JavaScript's own errors are, so that printing does not list it.
Object.defineProperty(SessioError.prototype, 'name', {
  value: 'SessioError', configurable: true, writable: true
})

function invalid (message) {
  return new SessioError('InvalidArgument', message)
}

module.exports = { SessioError, invalid }
