'use strict'

const { EventEmitter } = require('node:events')
const { inspect } = require('node:util')
const { native, listeners, answer, drain, options, run } = require('./bridge')
const { invalid } = require('./error')
const { target, targetOrNothing } = require('./key')
const { CommitResult } = require('./record')
const { LazySession, MANAGED, Session, lookAt, sessionNumber, settle } = require('./session')
const { texts } = require('./settings')
const { storeNumber } = require('./store')

const ALONE = ['signal']
const PAGE = ['after', 'signal']

// So many sessions at a time are in the hands of one who goes through all.
const AT_A_TIME = 100

const lost = new FinalizationRegistry(({ number, identity }) => {
  native.releaseManager(number)
  listeners.delete(identity)
})

// A number of the native part's is used again; this is not, so that nobody hears of another's.
let identities = 0

// A list of headers as the native part reads it: without anybody's getters.
function copied (header) {
  return Array.isArray(header) ? [...header] : header
}

// What each method does, promises and fails with is said in sessions.d.ts.
class SessionManager extends EventEmitter {
  // What its sessions share with it. Events are brought to JavaScript from the first listener on.
  #home = { manager: this, number: 0, listening: false }
  #identity = ++identities
  #store
  #cookieName

  constructor (store, options = {}) {
    super()
    const number = storeNumber(store)
    if (number === undefined) throw invalid('a SessionManager is made with a Store')
    this.#home.number = answer(native.openManager(number, texts(options), this.#identity))
    this.#store = store
    this.#cookieName = answer(native.cookieName(this.#home.number))
    lost.register(this, { number: this.#home.number, identity: this.#identity })
  }

  get store () {
    return this.#store
  }

  get cookieName () {
    return this.#cookieName
  }

  load (token, options) {
    return this.#load(native.load, token, options)
  }

  loadCookie (header, options) {
    return this.#load(native.loadCookie, copied(header), options)
  }

  loadHeader (header, options) {
    return this.#load(native.loadHeader, header, options)
  }

  lazy (token) {
    return new LazySession(MANAGED, this.#home, native.load, token)
  }

  lazyCookie (header) {
    return new LazySession(MANAGED, this.#home, native.loadCookie, copied(header))
  }

  lazyHeader (header) {
    return new LazySession(MANAGED, this.#home, native.loadHeader, header)
  }

  #load (load, from, options) {
    const home = this.#home
    let session
    return this.#heard(run(this, options, ALONE, () => {
      session = new Session(MANAGED, home, load, from)
      return native.ensureLoaded(sessionNumber(session))
    }, () => session))
  }

  find (token, options) {
    return this.#heard(run(this, options, ALONE, () => native.findSession(this.#home.number, target(token)), this.#one))
  }

  create (token) {
    return new Session(MANAGED, this.#home, native.create, token)
  }

  commit (session, options) {
    return this.#send(session, options, (number) => native.commit(this.#home.number, number))
  }

  async transact (token, change, options) {
    const home = this.#home
    if (typeof change !== 'function') throw invalid('a transaction is made with a function')
    const number = answer(native.openTransaction(home.number, token))
    try {
      for (;;) {
        const session = await run(this, options, ALONE, () => native.beginTransaction(number), this.#one)
        if (session === null) return null
        const value = await change(session)
        const result = await this.#send(session, options, (session) => native.finishTransaction(number, session))
        if (result !== null) return result.outcome === 'gone' ? null : { value, result }
      }
    } finally {
      native.releaseTransaction(number)
    }
  }

  // The session that was found, or none.
  #one = ({ sessions: [number] }) =>
    number === undefined ? null : new Session(MANAGED, this.#home, undefined, number)

  // A commit of a session, or what ends with one.
  #send (session, options, start) {
    return this.#heard(run(session, options, ALONE, () => {
      const number = sessionNumber(session)
      if (number === undefined) throw invalid('what is committed must be a Session')
      settle(session)
      return start(number)
    }, undefined, (result) => {
      // Until now its cookie is due, and the next commit would send it again.
      const carried = result === null ? NaN : CommitResult.carriedBy(result)
      if (!Number.isNaN(carried)) answer(native.cookieTaken(sessionNumber(session), carried))
    }))
  }

  // Events may have happened although nothing had to be waited for.
  #heard (promised) {
    if (this.#home.listening) process.nextTick(drain)
    return promised
  }

  list (limit, options) {
    return this.#page(options, ({ number }, after) => native.listSessions(number, limit, after))
  }

  listSubject (subject, limit, options) {
    return this.#page(options, ({ number }, after) =>
      native.listSubjectSessions(number, subject, limit, after))
  }

  each (options) {
    return this.#each((more) => this.list(AT_A_TIME, more), options)
  }

  eachSubject (subject, options) {
    return this.#each((more) => this.listSubject(subject, AT_A_TIME, more), options)
  }

  async * #each (list, given) {
    const { signal } = options(given, ALONE)
    let after = null
    do {
      const page = await list({ after, signal })
      yield * page.sessions
      after = page.next
    } while (after !== null)
  }

  // Its sessions are read with it, but for those that cannot be decoded.
  async #page (options, start) {
    const home = this.#home
    const page = await run(this, options, PAGE, ({ after }) => start(home, targetOrNothing(after)),
      ({ sessions, next }) => ({
        sessions: sessions.map((number) => new Session(MANAGED, home, undefined, number)),
        next
      }))
    await this.#heard(Promise.all(page.sessions.map((session) => lookAt(session, options?.signal))))
    return page
  }

  stats () {
    return answer(native.sessionStats(this.#home.number))
  }

  #listen () {
    if (this.#home.listening) return
    this.#home.listening = true
    answer(native.listen(this.#home.number))
    const weak = new WeakRef(this)
    listeners.set(this.#identity, (event) => weak.deref()?.emit(event))
  }

  on (event, listener) {
    this.#listen()
    return super.on(event, listener)
  }

  addListener (event, listener) {
    return this.on(event, listener)
  }

  prependListener (event, listener) {
    this.#listen()
    return super.prependListener(event, listener)
  }

  toJSON () {
    return { location: this.#store.location }
  }

  [inspect.custom] () {
    return `SessionManager { ${inspect(this.#store.location)} }`
  }
}

module.exports = { SessionManager }
