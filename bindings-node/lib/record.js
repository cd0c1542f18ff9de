'use strict'

const { inspect } = require('node:util')

// A session as it was stored. A class, although it is nothing but its fields, for what printing it
// shows: a method on the prototype costs a find nothing, where a hidden field of its own in every
// record would cost a fifth of one.
class SessionRecord {
  constructor (data, expiresAt, subject) {
    this.data = data
    this.expiresAt = expiresAt
    this.subject = subject
  }

  // Programs write to records what they like, so nothing here relies on the types.
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

// What a commit tells the client. Printing it shows neither token nor cookie.
class CommitResult {
  // Which answer of its session it is that carries a cookie; NaN for one that carries none.
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
