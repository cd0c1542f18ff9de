'use strict'

// What every failed call of sessio throws or rejects with. `code` is for programs.
class SessioError extends Error {
  constructor (code, message, { retryable = false, errno = null, sqlState = null } = {}) {
    super(message)
    this.code = code
    this.retryable = retryable
    this.errno = errno
    this.sqlState = sqlState
  }
}

// On the prototype, as with the errors of the language, and so not among what is printed.
Object.defineProperty(SessioError.prototype, 'name', {
  value: 'SessioError', configurable: true, writable: true
})

function invalid (message) {
  return new SessioError('InvalidArgument', message)
}

module.exports = { SessioError, invalid }
