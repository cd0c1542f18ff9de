'use strict'
// `SessionManager`: loads, commits and lists sessions, and emits their events.

const { EventEmitter } = require('node:events')
const { inspect } = require('node:util')
const { native, emitters, answer, drain, options, run } = require('./calls')
const { invalid } = require('./error')
const { target, targetOrNothing } = require('./key')
const { CommitResult } = require('./record')
const { LazySession, INTERNAL, Session, loadListed, sessionNumber, putChanged } = require('./session')
const { texts } = require('./settings')
const { storeNumber } = require('./store')

const SIGNAL = ['signal']
const PAGE = ['after', 'signal']

// The page size of `each` and `eachSubject`.
const PAGE_SIZE = 100

const collected = new FinalizationRegistry(({ number, identity }) => {
  native.releaseManager(number)
  emitters.delete(identity)
})

// Unlike the numbers of the native part, identities are not reused, so a late event of a collected
// manager reaches no other one.
let identities = 0

// A list of headers as the native part reads it: a plain array without getters.
function copied (header) {
  return Array.isArray(header) ? [...header] : header
}

// sessions.d.ts documents each method.
class SessionManager extends EventEmitter {
  // What its sessions share with it. Before there is a listener, no event reaches JavaScript.
  #context = { manager: this, number: 0, listening: false }
  #identity = ++identities
  #store
  #cookieName

  constructor (store, options = {}) {
    super()
    const number = storeNumber(store)
    if (number === undefined) throw invalid('the store must be a Store')
    this.#context.number = answer(native.openManager(number, texts(options), this.#identity))
    this.#store = store
    this.#cookieName = answer(native.cookieName(this.#context.number))
    collected.register(this, { number: this.#context.number, identity: this.#identity })
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
    return new LazySession(INTERNAL, this.#context, native.load, token)
  }

  lazyCookie (header) {
    return new LazySession(INTERNAL, this.#context, native.loadCookie, copied(header))
  }

  lazyHeader (header) {
    return new LazySession(INTERNAL, this.#context, native.loadHeader, header)
  }

  #load (load, from, options) {
    const context = this.#context
    let session
    return this.#drainSoon(run(this, options, SIGNAL, () => {
      session = new Session(INTERNAL, context, load, from)
      return native.ensureLoaded(sessionNumber(session))
    }, () => session))
  }

  // The verbs of managers, made by `cargo xtask gen` from `api/session.toml`: change that.
  find (token, options) {
    return this.#call(options, (manager) => native.findSession(manager, target(token)), this.#one)
  }

  create (token) { return new Session(INTERNAL, this.#context, native.create, token) }

  commit (session, options) {
    return this.#commit(session, options, (manager, number) => native.commit(manager, number))
  }

  list (limit, options) {
    return this.#page(options, (manager, after) => native.listSessions(manager, limit, after))
  }

  listSubject (subject, limit, options) {
    return this.#page(options, (manager, after) =>
      native.listSubjectSessions(manager, subject, limit, after))
  }

  // The end of what `cargo xtask gen` makes.

  async transact (token, change, options) {
    const context = this.#context
    if (typeof change !== 'function') throw invalid('change must be a function')
    const number = answer(native.openTransaction(context.number, token))
    try {
      for (;;) {
        const session = await run(this, options, SIGNAL, () => native.beginTransaction(number), this.#one)
        if (session === null) return null
        const value = await change(session)
        const result = await this.#commit(session, options, (_, session) => native.finishTransaction(number, session))
        if (result !== null) return result.outcome === 'gone' ? null : { value, result }
      }
    } finally {
      native.releaseTransaction(number)
    }
  }

  // The session of a page of at most one.
  #one = ({ sessions: [number] }) =>
    number === undefined ? null : new Session(INTERNAL, this.#context, undefined, number)

  // A call that may ask the store; `start` gets the number of the manager.
  #call (options, start, shape) {
    return this.#drainSoon(run(this, options, SIGNAL, () => start(this.#context.number), shape))
  }

  // Starts a commit, or the end of a transaction, which is one.
  #commit (session, options, start) {
    return this.#drainSoon(run(session, options, SIGNAL, () => {
      const number = sessionNumber(session)
      if (number === undefined) throw invalid('the session must be a Session or a LazySession')
      putChanged(session)
      return start(this.#context.number, number)
    }, undefined, (result) => {
      // Without this the next commit would send the cookie again.
      const carried = result === null ? NaN : CommitResult.carriedBy(result)
      if (!Number.isNaN(carried)) answer(native.cookieTaken(sessionNumber(session), carried))
    }))
  }

  // A call that is not pending may have queued events all the same.
  #drainSoon (promised) {
    if (this.#context.listening) process.nextTick(drain)
    return promised
  }

  each (options) {
    return this.#each((more) => this.list(PAGE_SIZE, more), options)
  }

  eachSubject (subject, options) {
    return this.#each((more) => this.listSubject(subject, PAGE_SIZE, more), options)
  }

  async * #each (list, given) {
    const { signal } = options(given, SIGNAL)
    let after = null
    do {
      const page = await list({ after, signal })
      yield * page.sessions
      after = page.next
    } while (after !== null)
  }

  // Loads the sessions of the page. One that cannot be decoded keeps its error.
  async #page (options, start) {
    const context = this.#context
    const page = await run(this, options, PAGE, ({ after }) => start(context.number, targetOrNothing(after)),
      ({ sessions, next }) => ({
        sessions: sessions.map((number) => new Session(INTERNAL, context, undefined, number)),
        next
      }))
    await this.#drainSoon(Promise.all(page.sessions.map((session) => loadListed(session, options?.signal))))
    return page
  }

  stats () {
    return answer(native.sessionStats(this.#context.number))
  }

  #listen () {
    if (this.#context.listening) return
    this.#context.listening = true
    answer(native.listen(this.#context.number))
    const weak = new WeakRef(this)
    emitters.set(this.#identity, (event) => weak.deref()?.emit(event))
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
