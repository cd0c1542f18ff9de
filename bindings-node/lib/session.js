'use strict'

const { inspect } = require('node:util')
const { native, answer, answerNow, drain, options, promise, run } = require('./bridge')
const { copies, copy, decode, setOwn, Spelled } = require('./decode')
const { encode, encodeAll } = require('./encode')
const { invalid } = require('./error')
const { HandedOut } = require('./handed')

const ALONE = ['signal']

// Who may make sessions has this.
const MANAGED = Symbol('made by a manager')

// What the native part knows a session by; `sessionNumber` is nothing for what is no session.
let sessionNumber, numberOf, statusOf

// The same, where what is stored is to be read.
let readable

// The promise of a call that may ask the store: of one without options, and of one with them.
let ask, askWith

// Of a listed session, asks for what could not be decoded.
let lookAt

// What the program gets of what was read: a value, one that it does not keep, and all.
let handOut, handOver, handOutAll

// Notes what was changed in what was handed out: of one key, or of all.
let settle

// Starts what puts a value that may be there already, or all values.
let putIfChanged, assign

// Nothing is in the program's hands any more.
let letGo

// What both kinds of sessions have: notes, which ask nobody, and what always has to ask. What each
// method does, promises and fails with is said in sessions.d.ts.
class View {
  #number
  // What it shares with its manager, which it keeps from the garbage collector.
  #home
  // Why nobody can read it: of a listed one that cannot be decoded.
  #unreadable
  // What the program has in its hands, once there is something.
  #handed

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

  async take (key, options) {
    return handOver(this, key, await askWith(this, options, (session) => {
      settle(this, key)
      return native.take(session, key)
    }))
  }

  ensureToken (options) { return askWith(this, options, native.ensureToken) }
  mergeFrom (token, options) {
    return askWith(this, options, (session) => {
      settle(this)
      return native.mergeFrom(session, token)
    })
  }

  destroy (options) {
    return askWith(this, options, native.destroy, () => {
      this.#unreadable = undefined
      letGo(this)
    })
  }

  put (key, value) {
    const json = encode(value, key)
    answer(native.put(this.#number, key, value, json))
    if (json !== undefined) this.#handed ??= new HandedOut()
    this.#handed?.put(key, value, json)
  }

  putFloat (key, number) {
    answer(native.putFloat(this.#number, key, number))
    this.#handed?.forget(key)
  }

  increment (key, by = 1) {
    settle(this, key)
    answer(native.increment(this.#number, key, by, encode(by, key)))
    this.#handed?.forget(key)
  }

  append (key, item) {
    settle(this, key)
    answer(native.append(this.#number, key, item, encode(item, key)))
    this.#handed?.forget(key)
  }

  remove (key) {
    answer(native.remove(this.#number, key))
    this.#handed?.forget(key)
  }

  clear () {
    answer(native.clear(this.#number))
    letGo(this)
  }

  flash (key, value) { answer(native.flash(this.#number, key, value, encode(value, key))) }
  storeEmpty () { answer(native.storeEmpty(this.#number)) }
  setDeadline (deadline) { answer(native.setDeadline(this.#number, deadline)) }
  touch () { answer(native.touchSession(this.#number)) }
  setIdleTimeout (millis) { answer(native.setIdleTimeout(this.#number, millis)) }
  setExtra (name, value) {
    answer(native.setExtra(this.#number, name, value, value === undefined ? undefined : encode(value, name)))
  }

  rememberMe (remember) { answer(native.rememberMe(this.#number, remember)) }
  setSubject (subject) { answer(native.setSubject(this.#number, subject)) }

  get status () { return statusOf(this) }
  get token () { return answer(native.token(this.#number)) }
  get key () { return answer(native.key(this.#number)) }

  toJSON () {
    return { status: statusOf(this) }
  }

  [inspect.custom] () {
    return `${this.constructor.name} { ${inspect(statusOf(this))} }`
  }

  static {
    handOut = (view, key, value) => {
      if (value instanceof Spelled) view.#handed ??= new HandedOut()
      return view.#handed === undefined ? value : view.#handed.read(key, value)
    }

    handOver = (view, key, value) => {
      const given = handOut(view, key, value)
      view.#handed?.forget(key)
      return given
    }

    handOutAll = (view, values) => {
      for (const key of Object.keys(values)) setOwn(values, key, handOut(view, key, values[key]))
      return values
    }

    settle = (view, key) =>
      view.#handed?.settle((key, value, json) => answer(native.put(view.#number, key, value, json)), key)

    /** @param {View} view */
    putIfChanged = (view, key, value) => {
      settle(view, key)
      const json = encode(value, key)
      const status = native.putIfChanged(view.#number, key, value, json)
      if (json !== undefined) view.#handed ??= new HandedOut()
      view.#handed?.put(key, value, json)
      return status
    }

    /** @param {View} view */
    assign = (view, values, given) => {
      const number = view.#number
      const { lenient = false } = options(given, ['lenient'])
      if (typeof lenient !== 'boolean') throw invalid('lenient is true or false')
      return native.assign(number, encodeAll(values, lenient))
    }

    letGo = (view) => view.#handed?.clear()

    /** @param {View} view */
    statusOf = (view) => {
      const status = answer(native.status(view.#number))
      return status === 'unmodified' && view.#handed?.hasChanged ? 'modified' : status
    }

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
    lookAt = (view, signal) => promise(native.ensureLoaded(view.#number), view, signal).catch((error) => {
      if (error.code !== 'Corrupt') throw error
      view.#unreadable = error
    })
  }
}

// What was not said is null, and what is not there undefined.
const orNull = (value) => value ?? null

// A session that was read when it was loaded: its reads are answered at once.
class Session extends View {
  get (key) { return handOut(this, key, answerNow(native.get(readable(this), key))) }
  getString (key) { return answerNow(native.getAs(readable(this), key, 'string')) }
  getNumber (key) { return answerNow(native.getAs(readable(this), key, 'number')) }
  getBoolean (key) { return answerNow(native.getAs(readable(this), key, 'boolean')) }
  getBigInt (key) { return answerNow(native.getAs(readable(this), key, 'bigint')) }
  getDate (key) { return answerNow(native.getAs(readable(this), key, 'Date')) }
  getBuffer (key) { return answerNow(native.getAs(readable(this), key, 'Buffer')) }
  pop (key) {
    settle(this, key)
    return handOver(this, key, answerNow(native.pop(readable(this), key)))
  }

  has (key) { return answerNow(native.contains(readable(this), key)) }
  contains (key) { return answerNow(native.contains(readable(this), key)) }
  keys () { return answerNow(native.keys(readable(this))) }
  values () { return handOutAll(this, answerNow(native.values(readable(this)))) }
  snapshot () {
    settle(this)
    return decode(answerNow(native.snapshotJson(readable(this))))
  }

  putIfChanged (key, value) { return answerNow(putIfChanged(this, key, value)) }
  assign (values, options) {
    answerNow(assign(this, values, options))
    letGo(this)
  }

  flashes () { return copies(answerNow(native.flashes(readable(this)))) }
  deadline () { return answerNow(native.deadline(readable(this))) }
  remembered () { return answerNow(native.remembered(readable(this))) ?? null }
  idleTimeout () { return answerNow(native.idleTimeout(readable(this))) ?? null }
  extra (name) { return copy(answerNow(native.extra(readable(this), name))) }
  subject () { return answerNow(native.subject(readable(this))) }
  expiresAt () { return answerNow(native.expiresAt(readable(this))) ?? null }
  isNew () { return answerNow(native.isNew(readable(this))) }
  renew () { return answerNow(native.renew(readable(this))) }
  regenerate () {
    letGo(this)
    return answerNow(native.regenerate(readable(this)))
  }
}

// A session that is read when somebody first wants to know something: its reads are promises. What they
// hand out is compared with what the program has, which may run getters of its own, only after all
// answers that came together have been read.
class LazySession extends View {
  async get (key) { return handOut(this, key, await ask(this, native.get(numberOf(this), key))) }
  getString (key) { return ask(this, native.getAs(numberOf(this), key, 'string')) }
  getNumber (key) { return ask(this, native.getAs(numberOf(this), key, 'number')) }
  getBoolean (key) { return ask(this, native.getAs(numberOf(this), key, 'boolean')) }
  getBigInt (key) { return ask(this, native.getAs(numberOf(this), key, 'bigint')) }
  getDate (key) { return ask(this, native.getAs(numberOf(this), key, 'Date')) }
  getBuffer (key) { return ask(this, native.getAs(numberOf(this), key, 'Buffer')) }
  async pop (key) {
    settle(this, key)
    return handOver(this, key, await ask(this, native.pop(numberOf(this), key)))
  }

  has (key) { return ask(this, native.contains(numberOf(this), key)) }
  contains (key) { return ask(this, native.contains(numberOf(this), key)) }
  keys () { return ask(this, native.keys(numberOf(this))) }
  async values () { return handOutAll(this, await ask(this, native.values(numberOf(this)))) }
  async snapshot () {
    settle(this)
    return ask(this, native.snapshotJson(numberOf(this)), decode)
  }

  async putIfChanged (key, value) { return ask(this, putIfChanged(this, key, value)) }
  async assign (values, options) {
    return ask(this, assign(this, values, options), () => letGo(this))
  }

  flashes () { return ask(this, native.flashes(numberOf(this)), copies) }
  deadline () { return ask(this, native.deadline(numberOf(this))) }
  remembered () { return ask(this, native.remembered(numberOf(this)), orNull) }
  idleTimeout () { return ask(this, native.idleTimeout(numberOf(this)), orNull) }
  extra (name) { return ask(this, native.extra(numberOf(this), name), copy) }
  subject () { return ask(this, native.subject(numberOf(this))) }
  expiresAt () { return ask(this, native.expiresAt(numberOf(this)), orNull) }
  isNew () { return ask(this, native.isNew(numberOf(this))) }
  ensureLoaded (options) { return askWith(this, options, native.ensureLoaded) }
  renew (options) { return askWith(this, options, native.renew) }
  regenerate (options) {
    return askWith(this, options, native.regenerate, (isThere) => {
      letGo(this)
      return isThere
    })
  }
}

// What is assigned to a session is not stored, so that is an error: in programs that are not strict too,
// where JavaScript itself would say nothing. A known name has a setter, and the others end at a proxy that
// is asked for nothing else that is there.
/** @returns {never} */
function refuseAssignment (name) {
  const text = String(name)
  throw invalid(`a property ${text} of a session cannot be assigned: session.put(${JSON.stringify(text)}, value) ` +
    'sets a value')
}

for (const { prototype } of [View, Session, LazySession]) {
  for (const name of Object.getOwnPropertyNames(prototype)) {
    const { value, get = () => value } = Object.getOwnPropertyDescriptor(prototype, name)
    const set = () => refuseAssignment(name)
    if (name !== 'constructor') Object.defineProperty(prototype, name, { get, set })
  }
}
Object.setPrototypeOf(View.prototype, new Proxy({}, { set: (_, name) => refuseAssignment(name) }))

module.exports = { LazySession, MANAGED, Session, lookAt, sessionNumber, settle }
