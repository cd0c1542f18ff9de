'use strict'

const { inspect } = require('node:util')
const { native, answer, answerNow, drain, promise, run } = require('./bridge')
const { encode } = require('./encode')
const { invalid } = require('./error')

const ALONE = ['signal']

// Who may make sessions has this.
const MANAGED = Symbol('made by a manager')

// What the native part knows a session by; `sessionNumber` is nothing for what is no session.
let sessionNumber, numberOf

// The same, where what is stored is to be read.
let readable

// The promise of a call that may ask the store: of one without options, and of one with them.
let ask, askWith

// Of a listed session, asks for what could not be decoded.
let lookAt

// What both kinds of sessions have: notes, which ask nobody, and what always has to ask. What each
// method does, promises and fails with is said in sessions.d.ts.
class View {
  #number
  // What it shares with its manager, which it keeps from the garbage collector.
  #home
  // Why nobody can read it: of a listed one that cannot be decoded.
  #unreadable

  // With `load`, which makes a native session of `from`; without, for one that is there under
  // this number.
  constructor (made, home, load, from) {
    if (made !== MANAGED) throw invalid('a session comes from a SessionManager')
    this.#home = home
    if (load === undefined) {
      this.#number = from
      native.keep(from, this)
    } else {
      this.#number = answer(load(home.number, from, this))
    }
  }

  take (key, options) { return askWith(this, options, (session) => native.take(session, key)) }
  ensureToken (options) { return askWith(this, options, native.ensureToken) }
  mergeFrom (token, options) {
    return askWith(this, options, (session) => native.mergeFrom(session, token))
  }

  destroy (options) {
    return askWith(this, options, native.destroy, () => { this.#unreadable = undefined })
  }

  put (key, value) { answer(native.put(this.#number, key, value, encode(value))) }
  putFloat (key, number) { answer(native.putFloat(this.#number, key, number)) }
  increment (key, by = 1) { answer(native.increment(this.#number, key, by, encode(by))) }
  append (key, item) { answer(native.append(this.#number, key, item, encode(item))) }
  flash (key, value) { answer(native.flash(this.#number, key, value, encode(value))) }
  remove (key) { answer(native.remove(this.#number, key)) }
  clear () { answer(native.clear(this.#number)) }
  storeEmpty () { answer(native.storeEmpty(this.#number)) }
  setDeadline (deadline) { answer(native.setDeadline(this.#number, deadline)) }
  rememberMe (remember) { answer(native.rememberMe(this.#number, remember)) }
  setSubject (subject) { answer(native.setSubject(this.#number, subject)) }

  get status () { return answer(native.status(this.#number)) }
  get token () { return answer(native.token(this.#number)) }
  get key () { return answer(native.key(this.#number)) }

  toJSON () {
    return { status: answer(native.status(this.#number)) }
  }

  [inspect.custom] () {
    return `${this.constructor.name} { ${inspect(this.status)} }`
  }

  static {
    numberOf = (view) => view.#number

    sessionNumber = (value) =>
      value !== null && typeof value === 'object' && #number in value ? value.#number : undefined

    /** @param {View} view */
    readable = (view) => {
      if (view.#unreadable !== undefined) throw view.#unreadable
      return view.#number
    }

    // Events may have happened although nothing had to be waited for.
    const heard = (home, promised) => {
      if (home.listening) process.nextTick(drain)
      return promised
    }

    /** @param {View} view */
    ask = (view, status, shape) => heard(view.#home, promise(status, view, undefined, shape))

    /** @param {View} view */
    askWith = (view, given, start, shape) =>
      heard(view.#home, run(view, given, ALONE, () => start(view.#number), shape))

    /** @param {View} view */
    lookAt = (view, signal) => promise(native.look(view.#number), view, signal).catch((error) => {
      if (error.code !== 'Corrupt') throw error
      view.#unreadable = error
    })
  }
}

// A session that was read when it was loaded: its reads are answered at once.
class Session extends View {
  get (key) { return answerNow(native.get(readable(this), key)) }
  getString (key) { return answerNow(native.getAs(readable(this), key, 'string')) }
  getNumber (key) { return answerNow(native.getAs(readable(this), key, 'number')) }
  getBoolean (key) { return answerNow(native.getAs(readable(this), key, 'boolean')) }
  getBigInt (key) { return answerNow(native.getAs(readable(this), key, 'bigint')) }
  getDate (key) { return answerNow(native.getAs(readable(this), key, 'Date')) }
  getBuffer (key) { return answerNow(native.getAs(readable(this), key, 'Buffer')) }
  pop (key) { return answerNow(native.pop(readable(this), key)) }
  has (key) { return answerNow(native.contains(readable(this), key)) }
  contains (key) { return answerNow(native.contains(readable(this), key)) }
  keys () { return answerNow(native.keys(readable(this))) }
  values () { return answerNow(native.values(readable(this))) }
  flashes () { return answerNow(native.flashes(readable(this))) }
  deadline () { return answerNow(native.deadline(readable(this))) }
  subject () { return answerNow(native.subject(readable(this))) }
  expiresAt () { return answerNow(native.expiresAt(readable(this))) ?? null }
  isNew () { return answerNow(native.isNew(readable(this))) }
  renew () { return answerNow(native.renew(readable(this))) }
  regenerate () { return answerNow(native.regenerate(readable(this))) }
}

// A session that is read when somebody first wants to know something: its reads are promises.
class LazySession extends View {
  get (key) { return ask(this, native.get(numberOf(this), key)) }
  getString (key) { return ask(this, native.getAs(numberOf(this), key, 'string')) }
  getNumber (key) { return ask(this, native.getAs(numberOf(this), key, 'number')) }
  getBoolean (key) { return ask(this, native.getAs(numberOf(this), key, 'boolean')) }
  getBigInt (key) { return ask(this, native.getAs(numberOf(this), key, 'bigint')) }
  getDate (key) { return ask(this, native.getAs(numberOf(this), key, 'Date')) }
  getBuffer (key) { return ask(this, native.getAs(numberOf(this), key, 'Buffer')) }
  pop (key) { return ask(this, native.pop(numberOf(this), key)) }
  has (key) { return ask(this, native.contains(numberOf(this), key)) }
  contains (key) { return ask(this, native.contains(numberOf(this), key)) }
  keys () { return ask(this, native.keys(numberOf(this))) }
  values () { return ask(this, native.values(numberOf(this))) }
  flashes () { return ask(this, native.flashes(numberOf(this))) }
  deadline () { return ask(this, native.deadline(numberOf(this))) }
  subject () { return ask(this, native.subject(numberOf(this))) }
  expiresAt () { return ask(this, native.expiresAt(numberOf(this)), (end) => end ?? null) }
  isNew () { return ask(this, native.isNew(numberOf(this))) }
  look (options) { return askWith(this, options, native.look) }
  renew (options) { return askWith(this, options, native.renew) }
  regenerate (options) { return askWith(this, options, native.regenerate) }
}

module.exports = { LazySession, MANAGED, Session, lookAt, sessionNumber }
