'use strict'
// The objects that calls return: records, listed entries and commit results.

const { inspect } = require('node:util')

// A stored session. A class, so that printing it hides the data: a method of the prototype costs a find
// nothing, while a private field in every record would cost a fifth of it.
class SessionRecord {
  constructor (data, expiresAt, subject) {
    this.data = data
    this.expiresAt = expiresAt
    this.subject = subject
  }

  // Programs may change a record, so this does not rely on the types of its fields.
  [inspect.custom] () {
    const end = this.expiresAt === null ? 'never ends' : `ends ${inspect(this.expiresAt)}`
    return `${this.constructor.name} { ${this.data?.byteLength} bytes, ${end} }`
  }
}

class Entry extends SessionRecord {
  constructor (key, data, expiresAt, subject) {
    super(data, expiresAt, subject)
    this.key = key
  }
}

// What a commit returns. Printing it shows neither token nor cookie.
class CommitResult {
  // The number of this result among those of its session that carry a cookie; NaN if it carries none.
  #carried

  constructor ({ outcome, token, expiresAt, setCookie, cookie, headers, wasRead }, carried) {
    this.#carried = carried
    this.outcome = outcome
    this.token = token
    this.expiresAt = expiresAt
    this.setCookie = setCookie
    this.cookie = cookie
    this.headers = headers
    this.wasRead = wasRead
  }

  [inspect.custom] () {
    const cookie = this.setCookie === null ? 'no cookie' : 'a cookie'
    return `CommitResult { ${inspect(this.outcome)}, ${cookie} }`
  }

  /** @param {CommitResult} result */
  static carriedBy (result) {
    return result.#carried
  }
}

module.exports = { Entry, CommitResult, SessionRecord }
